import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { composeMessage, type MessageInput, RefusedField } from '../../shared/email/message.ts';
import { render } from '../../shared/email/render.ts';
import { fullSample } from '../../shared/email/sample.ts';
import { viewOf } from '../../shared/email/view.ts';
import { shippedRelease, temporaryDirectory } from './content-copy.ts';

const ORACLE = fileURLToPath(new URL('../oracles/mime_defects.py', import.meta.url));

const UNSUBSCRIBE = {
  'List-Unsubscribe': '<https://shop.example.com/u?t=1>, <mailto:out@shop.example.com?subject=t1>',
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
};

const SOUND: MessageInput = {
  from: { name: 'Kettle & Fern, Ltd.', address: 'hello@shop.example.com' },
  replyTo: 'reply@shop.example.com',
  to: { name: 'Åsa "Bo" Öberg', address: 'asa@example.com' },
  subject: 'Tack för din beställning, نسرین — 你好 🙂 och ännu en bit så att raden måste brytas',
  html: '<p>Ångström\nline\r\nline</p>'.repeat(200),
  text: 'Ångström\nline\r\nline\n'.repeat(200),
  headers: UNSUBSCRIBE,
  locale: 'sv',
};

async function composed(change: Partial<MessageInput> = {}): Promise<{ raw: string; mail: ParsedMail }> {
  const bytes = await composeMessage({ ...SOUND, ...change });
  return { raw: Buffer.from(bytes).toString('latin1'), mail: await simpleParser(Buffer.from(bytes)) };
}

function only(address: AddressObject | AddressObject[] | undefined): { name: string; address?: string | undefined } {
  const [first, second] = (Array.isArray(address) ? address : [address]).flatMap((group) => group?.value ?? []);
  expect(second).toBeUndefined();
  return { name: first?.name ?? '', address: first?.address };
}

/** A header whose line has so many characters. */
function filling(length: number): MessageInput['headers'] {
  const rest = 'List-Unsubscribe: <>, <y>'.length;
  return { 'List-Unsubscribe': `<${'x'.repeat(length - rest)}>, <y>` };
}

describe('a composed message', () => {
  it('says what it was given, in any script', async () => {
    const { mail } = await composed();
    expect(mail.subject).toBe(SOUND.subject);
    expect(only(mail.to)).toEqual(SOUND.to);
    expect(only(mail.from)).toEqual(SOUND.from);
    expect(only(mail.replyTo).address).toBe(SOUND.replyTo);
    expect(mail.html).toBe(SOUND.html.replaceAll(/\r?\n/g, '\n'));
  });

  it('is multipart/alternative, the text before the HTML, both base64', async () => {
    const { raw } = await composed();
    expect(raw).toMatch(/^Content-Type: multipart\/alternative;/m);
    const parts = raw.match(/^Content-Type: text\/(?:plain|html)|^Content-Transfer-Encoding: .*(?=\r$)/gm);
    const base64 = 'Content-Transfer-Encoding: base64';
    expect(parts).toEqual(['Content-Type: text/plain', base64, 'Content-Type: text/html', base64]);
  });

  it('has no bare line feed and no line over 998 bytes, also inside the parts', async () => {
    const { raw } = await composed();
    expect(raw).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    const bodies = raw.match(/(?:^[A-Za-z0-9+/=]{40,}\r\n)+/gm)?.map((body) => Buffer.from(body, 'base64').toString());
    expect(bodies).toHaveLength(2);
    for (const body of bodies ?? []) expect(body).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
  });

  it('carries List-Unsubscribe in one piece, and the language', async () => {
    const { raw } = await composed();
    expect(raw).toContain(`List-Unsubscribe: ${UNSUBSCRIBE['List-Unsubscribe']}\r\n`);
    expect(raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
    expect(raw).toContain('Content-Language: sv\r\n');
  });

  it('folds a header that does not fit into a line between its entries, and readers see it whole', async () => {
    const [long, other] = [`<https://shop.example.com/u/${'x'.repeat(930)}>`, '<mailto:out@shop.example.com>'];
    const value = `${long}, ${other}`;
    const { raw, mail } = await composed({ headers: { 'List-Unsubscribe': value } });
    expect(raw).toContain(`List-Unsubscribe: ${long},\r\n ${other}\r\n`);
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(mail.headerLines.find((each) => each.key === 'list-unsubscribe')?.line).toBe(
      `List-Unsubscribe: ${long},\r\n ${other}`,
    );
  });

  it('folds nothing that fits, to the last character', async () => {
    expect((await composed({ headers: filling(998) })).raw).toMatch(/^List-Unsubscribe: <x+>, <y>\r\n/mu);
    expect((await composed({ headers: filling(999) })).raw).toMatch(/^List-Unsubscribe: <x+>,\r\n <y>\r\n/mu);
  });

  it('refuses an entry that is longer than a line', async () => {
    const headers = { 'List-Unsubscribe': `<${'x'.repeat(1000)}>, <y>` };
    await expect(composed({ headers })).rejects.toThrow(RefusedField);
  });

  it('needs no name of the recipient', async () => {
    const { mail } = await composed({ to: { address: 'asa@example.com' } });
    expect(only(mail.to)).toEqual({ name: '', address: 'asa@example.com' });
  });

  it.each(['a@example.com, b@example.com', 'x" <b@example.com>, "', 'Bcc: b@example.com', '<b@example.com>'])(
    'reaches nobody else through the display name %j',
    async (name) => {
      const { mail } = await composed({ to: { name, address: 'asa@example.com' } });
      expect(only(mail.to).address).toBe('asa@example.com');
      expect(mail.bcc).toBeUndefined();
    },
  );
});

describe('a field that could break out of its header is refused by name', () => {
  const BREAKS = ['x\r\nBcc: y@example.com', 'x\ny', 'x\ry', 'x\u0000y', 'x\u2028y', 'x\u0085y'];
  const FIELDS: Record<string, (value: string) => Partial<MessageInput>> = {
    'from.name': (name) => ({ from: { ...SOUND.from, name } }),
    'from.address': (address) => ({ from: { address } }),
    replyTo: (replyTo) => ({ replyTo }),
    'to.name': (name) => ({ to: { ...SOUND.to, name } }),
    'to.address': (address) => ({ to: { address } }),
    subject: (subject) => ({ subject }),
    locale: (locale) => ({ locale }),
    'headers.X-Note': (value) => ({ headers: { 'X-Note': value } }),
  };

  it.each(Object.keys(FIELDS).flatMap((field) => BREAKS.map((value) => [field, value] as const)))(
    '%s: %j',
    async (field, value) => {
      const refused = composeMessage({ ...SOUND, ...FIELDS[field]?.(value) });
      await expect(refused).rejects.toThrow(RefusedField);
      await expect(refused).rejects.toMatchObject({ field });
    },
  );

  it.each([
    '',
    'asa',
    'a@b@c.example',
    'a@example.com, b@example.com',
    'A <a@example.com>',
    'å@example.com',
    'a b@example.com',
  ])('to.address: %j is no address', async (address) => {
    await expect(composeMessage({ ...SOUND, to: { address } })).rejects.toMatchObject({ field: 'to.address' });
  });

  it.each(['Bcc', 'from', 'Content-Type', 'content-language', 'X Note', 'X-Note:', ''])(
    'the header name %j',
    async (name) => {
      await expect(composeMessage({ ...SOUND, headers: { [name]: 'x' } })).rejects.toThrow(RefusedField);
    },
  );
});

/** `.ci/run` has every template read, in every language. */
const ONE_IN = 6;

it("Python's parser finds no defect in templates, and finds those that are there", async () => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    console.info('python3 is not installed: the MIME oracle was not asked');
    return;
  }
  const directory = await temporaryDirectory();
  const release = await shippedRelease();
  const input = fullSample(release);
  const english = release.templates.filter(({ locale }) => locale === 'en').filter((_, index) => index % ONE_IN === 0);
  for (const { programme, step, variant, locale } of english) {
    const { subject, html, text } = render(release.template(programme, step, locale, variant), viewOf(input, locale));
    const message = await composeMessage({ ...SOUND, subject, html, text, locale });
    await writeFile(join(directory, `${programme}.${step}.${variant ?? 'plain'}.${locale}.eml`), message);
  }
  const sound = spawnSync('python3', [ORACLE, directory], { encoding: 'utf8' });
  expect(sound.stdout).toBe(`${english.length} messages, 0 defects\n`);
  expect(sound.status).toBe(0);

  const { raw } = await composed();
  await writeFile(join(directory, 'broken.eml'), raw.replaceAll('\r\n', '\n').replace(/^List-Unsubscribe:.*\n/m, ''));
  const broken = spawnSync('python3', [ORACLE, directory], { encoding: 'utf8' });
  expect(broken.stdout).toMatch(
    /broken\.eml: a line that does not end in CRLF\n.*broken\.eml: List-Unsubscribe: expected once, found 0 times/s,
  );
  expect(broken.status).toBe(1);
});
