/** What readers say by the links of a delivered mail, and what we send them then. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedMail } from '../../../infra/local/contract.ts';
import { NOTE } from '../../../shared/contracts/notes.ts';
import { answersOf } from '../../../shared/lifecycle/facts/answers.ts';
import { choicesOf } from '../../../shared/lifecycle/facts/choices.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { linksIn, openShop, send, type Shop } from '../../support/shop.ts';

const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(undefined, { threads: 2 });
});
afterAll(() => shop.close());
beforeEach(async () => {
  if (new Date(shop.twin.now()).getUTCHours() !== 12) await shop.waitUntil(12);
});
afterEach(expectNothingDead);

/** Nothing a function was given is left undone. */
function expectNothingDead(): void {
  expect(shop.twin.deadLetters()).toEqual([]);
}

/** A mail program that is not ours: reads the headers as Python does, and does what RFC 8058 says. */
const MAIL_PROGRAM = `
import email, email.policy, re, sys, urllib.request
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", mail["List-Unsubscribe-Post"]
url = re.search("<(https?:[^>]+)>", mail["List-Unsubscribe"]).group(1)
request = urllib.request.Request(url, data=b"List-Unsubscribe=One-Click", method="POST")
with urllib.request.urlopen(request) as answer:
    print(answer.status, answer.geturl() == url, answer.headers.get("Set-Cookie"))
`;

/** What a mail program in Python says; undefined where there is no Python. The twin serves it meanwhile. */
async function inPython({ raw }: AcceptedMail): Promise<string | undefined> {
  const python = spawn('python3', ['-c', MAIL_PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(python, 'spawn');
  } catch {
    return undefined;
  }
  python.stdin.end(raw);
  return (await text(python.stdout)).trim();
}

/** The same by this test. */
async function here(mail: AcceptedMail): Promise<string> {
  const answer = await send((await linksIn(mail)).oneClick, ['List-Unsubscribe', 'One-Click']);
  return `${answer.status} ${answer.redirected ? 'False' : 'True'} ${answer.headers.get('set-cookie') ?? 'None'}`;
}

/** Presses "unsubscribe" in a mail program: answered at once, without another page and without a cookie. */
async function unsubscribe(mail: AcceptedMail): Promise<void> {
  expect((await inPython(mail)) ?? (await here(mail))).toBe('200 True None');
  await shop.wait(0);
}

/** Opens a page as a browser does, fills in its form and sends it, with what the form holds unseen. */
async function fill(url: string, ...fields: readonly (readonly [string, string])[]): Promise<Response> {
  const page = await (await fetch(url)).text();
  const unseen = [...page.matchAll(/<input\b[^>]*type="hidden"[^>]*>/gu)].map(([tag]) => {
    const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, 'u').exec(tag)?.[1] ?? '';
    return [value('name'), value('value')] as const;
  });
  return send(url, ...unseen, ...fields);
}

const facts = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  if (profile?.kind !== 'living') throw new Error(`${customerId} is gone`);
  return profile.facts;
};

/** Everything the table holds, in the order of its keys, as text. */
const table = async () => (await shop.items()).map((item) => JSON.stringify(item)).toSorted();

/** Buys, and gets the order at once: the guide is meant for two days later. */
async function newcomer(customerId: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await shop.register(customerId, more);
  await shop.buy(customerId, customerId);
  await shop.emit('Order Delivered', { customerId, orderId: customerId });
}

const consent = (at: number) => ({ marketing: 'opt_in', source: 'test', at: new Date(at).toISOString() });

describe('one-click unsubscribe', () => {
  it('opening the link changes nothing, however often and by whom', async () => {
    await newcomer('scanned');
    // After the reports of SES.
    await shop.wait(MINUTE);
    const before = await table();
    const { oneClick, preferences } = await linksIn(shop.lastMail('scanned'));
    for (const url of [oneClick, preferences]) {
      for (const method of ['GET', 'HEAD', 'GET']) {
        const answer = await fetch(url, { method });
        expect(answer.status).toBe(200);
        expect(answer.headers.get('set-cookie')).toBeNull();
      }
    }
    await shop.wait(MINUTE);
    expect(await table()).toEqual(before);
    await shop.pass(2.05);
    expect(shop.mailsTo('scanned')).toEqual(['onboarding/welcome', 'onboarding/guide']);
  });

  it('stops the next promotional mail to the address, whichever customer it belongs to', async () => {
    await newcomer('u-1', { email: 'household@example.com' });
    await unsubscribe(shop.lastMail('u-1'));
    // Twice is once.
    await unsubscribe(shop.lastMail('u-1'));
    const said = (await shop.store.readJournal('u-1')).filter(({ type }) => type === 'Preferences Changed');
    expect(said).toMatchObject([{ data: { promotion: 'off', how: 'one-click' } }]);
    // Somebody known before, written otherwise; and somebody new, whose consent is older than the "no".
    await shop.register('u-2', { email: 'HouseHold@Example.com', consent: consent(shop.twin.now() - DAY) });
    await shop.buy('u-2', 'u-2');
    expect(await shop.ends('u-2')).toEqual({ [WELCOME]: 'withheld: unsubscribed' });
    await shop.pass(2.05);
    expect(await shop.ends('u-1')).toEqual({ [WELCOME]: 'sent', [GUIDE]: 'withheld: unsubscribed' });
  });

  it('is not undone by an old consent told later, by another address, nor by a rebuild of the facts', async () => {
    const given = consent(shop.twin.now());
    await newcomer('u-3', { consent: given });
    await shop.wait(MINUTE);
    await unsubscribe(shop.lastMail('u-3'));
    await shop.emit('Profile Updated', { customerId: 'u-3', email: 'u-3-new@example.com', consent: given });
    const rebuilds = shop.counted(NOTE.rebuilt);
    for (const daysAgo of [10, 20, 30, 40, 50, 60, 200, 190]) {
      const order = { customerId: 'u-3', orderId: `u-3-${daysAgo}`, total: 100, currency: 'EUR' };
      await shop.emit('Purchase Completed', order, { at: shop.twin.now() - daysAgo * DAY });
    }
    expect(shop.counted(NOTE.rebuilt)).toBeGreaterThan(rebuilds);
    await shop.emit('Profile Updated', { customerId: 'u-3', consent: given });
    // A loyal customer now, who would be thanked at once.
    expect(await shop.store.load('u-3')).toMatchObject({ stage: 'loyal' });
    expect(await shop.ends('u-3')).toMatchObject({ '1/retention/appreciation/1': 'withheld: unsubscribed' });
    expect(shop.mailsTo('u-3')).toEqual(['onboarding/welcome']);
  });

  it('is undone by a later explicit opt-in of the person, and by no soft one', async () => {
    await newcomer('soft');
    await newcomer('anew');
    for (const customerId of ['soft', 'anew']) await unsubscribe(shop.lastMail(customerId));
    await shop.wait(MINUTE);
    const given = consent(shop.twin.now());
    await shop.emit('Profile Updated', { customerId: 'anew', consent: given });
    await shop.emit('Profile Updated', { customerId: 'soft', consent: { ...given, marketing: 'soft_opt_in' } });
    await shop.pass(2.05);
    expect(shop.mailsTo('anew')).toEqual(['onboarding/welcome', 'onboarding/guide']);
    expect(await shop.ends('soft')).toEqual({ [WELCOME]: 'sent', [GUIDE]: 'withheld: unsubscribed' });
  });

  it('from a mail about an open case ends promotion, not the case, and the page says so', async () => {
    await newcomer('case');
    await shop.complain('case', 'k');
    const apology = shop.lastMail('case');
    expect(shop.mailsTo('case').at(-1)).toBe('recovery/apology');
    const page = await (await fetch((await linksIn(apology)).oneClick)).text();
    expect(page).toContain('open case');
    await unsubscribe(apology);
    await shop.pass(3.05);
    await shop.resolve('case', 'k');
    expect(shop.mailsTo('case')).toEqual([
      'onboarding/welcome',
      'recovery/apology',
      'recovery/status.1',
      'recovery/resolved',
    ]);
    await shop.pass(9.1);
    expect((await shop.ends('case'))[GUIDE]).toBe('withheld: unsubscribed');
  });

  it('works for mail from before the links’ key was rotated; a tampered or foreign link changes nothing and is counted', async () => {
    await newcomer('rotated');
    await shop.wait(MINUTE);
    const mail = shop.lastMail('rotated');
    const { oneClick } = await linksIn(mail);
    const before = await table();
    const refused = shop.counted(NOTE.linkRefused);
    const last = oneClick.slice(-1) === 'A' ? 'B' : 'A';
    const [base = '', token = ''] = oneClick.split('/u/');
    const [payload = '', signature = ''] = token.split('.');
    const forged = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('rotated', 'scanned'));
    const tampered = [
      `${oneClick.slice(0, -1)}${last}`,
      `${base}/p/${token}`,
      `${base}/u/${forged.toString('base64url')}.${signature}`,
      `${base}/u/nothing`,
    ];
    for (const url of tampered) {
      const answer = await send(url, ['List-Unsubscribe', 'One-Click']);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get('content-type')).toContain('text/html');
    }
    await shop.wait(0);
    expect(await table()).toEqual(before);
    expect(shop.counted(NOTE.linkRefused)).toBe(refused + tampered.length);

    const { endpoint, region } = shop.twin;
    const secrets = new SecretsManagerClient({
      endpoint,
      region,
      credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
    });
    await secrets.send(
      new PutSecretValueCommand({ SecretId: 'perennial-local-links', SecretString: 'a fresh key for the links' }),
    );
    secrets.destroy();
    // Longer than a function takes a key for known.
    await shop.wait(6 * MINUTE);
    await unsubscribe(mail);
    await shop.pass(2.05);
    expect((await shop.ends('rotated'))[GUIDE]).toBe('withheld: unsubscribed');
  });
});

describe('the preference centre and the question', () => {
  it('is obeyed in everything: programme, language, less often, not tailored, and back on', async () => {
    const customerId = 'chooser';
    await shop.register(customerId, { locale: 'en-GB' });
    const order = { customerId, orderId: 'long-ago', total: 40, currency: 'EUR' };
    await shop.emit('Purchase Completed', order, { at: shop.twin.now() - 203 * DAY });
    expect(shop.mailsTo(customerId)).toEqual(['win-back/ask']);
    const { preferences, answers } = await linksIn(shop.lastMail(customerId));

    // The question: its link shows it, the button answers it.
    expect(answers.length).toBeGreaterThan(2);
    const [price = ''] = answers;
    await fetch(price);
    await shop.wait(0);
    expect(answersOf((await facts(customerId)).answers)).toEqual([]);
    expect((await send(price, ['answer', 'experience'])).status).toBe(200);
    await shop.wait(0);
    const said = { programme: 'win-back', step: 'ask', question: 'reason', answer: 'experience' };
    expect(answersOf((await facts(customerId)).answers)).toMatchObject([said]);
    const journalled = (await shop.store.readJournal(customerId)).filter(({ type }) => type === 'Question Answered');
    expect(journalled).toMatchObject([{ data: { customerId, ...said } }]);

    // Everything changed at once.
    const saved = await fill(
      preferences,
      ['act', 'save'],
      ['programme', 'onboarding'],
      ['programme', 'retention'],
      ['language', 'de'],
      ['lessOften', 'yes'],
    );
    expect(saved.status).toBe(200);
    await shop.wait(0);
    expect(choicesOf((await facts(customerId)).choices)).toMatchObject({
      language: 'de',
      pace: 'less',
      tailored: false,
      programmes: { 'win-back': { value: 'off' } },
    });
    await shop.pass(10.1);
    expect((await shop.ends(customerId))['1/win-back/improved/1']).toBe('withheld: unsubscribed');
    await shop.buy(customerId, 'back-again');
    await shop.emit('Order Delivered', { customerId, orderId: 'back-again' });
    // Worded as for everybody although they have come back.
    const [welcome, guide, checkIn] = ['welcome', 'guide', 'check-in'].map((step) => `1/onboarding/${step}/1`);
    expect(await shop.entry(customerId, welcome ?? '')).toMatchObject({
      outcome: 'sent',
      template: 'onboarding/welcome',
    });
    // The pages speak German; mails do as soon as somebody writes their German strings.
    expect(await (await fetch(preferences)).text()).toContain('lang="de"');
    await shop.pass(2.1);
    expect((await shop.ends(customerId))[guide ?? '']).toBe('sent');
    // Two in thirty days: the thanks for their order answered them, and did not count; a third is one too many.
    await shop.pass(1.1);
    await shop.waitUntil(12);
    await shop.emit('Referral Made', { customerId, friendId: 'a-friend', kind: 'customer' });
    await shop.wait(HOUR + MINUTE);
    const thanks = Object.entries(await shop.ends(customerId)).filter(([key]) => key.includes('/thanks-referral/'));
    expect(thanks.map(([, end]) => end)).toEqual(['withheld: frequency cap']);

    // And back.
    const all = ['onboarding', 'win-back', 'retention'].map((each) => ['programme', each] as const);
    await fill(preferences, ['act', 'save'], ...all, ['language', 'sv'], ['tailored', 'yes']);
    await shop.wait(0);
    expect(choicesOf((await facts(customerId)).choices)).toMatchObject({
      language: 'sv',
      pace: 'usual',
      tailored: true,
      programmes: { 'win-back': { value: 'on' } },
    });
    expect((await facts(customerId)).consent).toMatchObject({ marketing: 'opt_in', source: 'preference centre' });
    await shop.pass(18);
    expect(await shop.entry(customerId, checkIn ?? '')).toMatchObject({
      outcome: 'sent',
      template: 'onboarding/check-in@returning',
    });

    // "Stop all of it", by the button.
    await fill((await linksIn(shop.lastMail(customerId))).preferences, ['act', 'stop']);
    await shop.wait(0);
    expect(choicesOf((await facts(customerId)).choices)).toMatchObject({ promotion: { value: 'off' } });
  });
});

describe('two customers with one mailbox', () => {
  it('share what is said of the address, and get no step twice, while other mail goes to both', async () => {
    const email = 'shared@example.com';
    await newcomer('m-1', { email });
    await newcomer('m-2', { email });
    await shop.wait(HOUR);
    expect(await shop.ends('m-1')).toEqual({ [WELCOME]: 'sent' });
    expect(await shop.ends('m-2')).toEqual({ [WELCOME]: 'withheld: same mailbox' });
    // Their own cases are their own.
    await shop.complain('m-1', 'k');
    await shop.complain('m-2', 'k');
    expect(shop.mailsTo('m-1')).toEqual(['onboarding/welcome', 'recovery/apology']);
    expect(shop.mailsTo('m-2')).toEqual(['recovery/apology']);
    shop.twin.ses.report(shop.lastMail('m-2').id, { kind: 'bounce', bounceType: 'Permanent' });
    await shop.wait(0);
    await shop.resolve('m-1', 'k');
    expect((await shop.ends('m-1'))['1/recovery/resolved/k']).toBe('withheld: hard bounce');
  });

  it('at the same instant: one of them gets it', async () => {
    const [email, ids] = ['twins@example.com', ['t-1', 't-2', 't-3']];
    for (const customerId of ids) await shop.register(customerId, { email });
    await shop.put(
      ...ids.map((customerId) => ({
        type: 'Purchase Completed',
        data: { customerId, orderId: customerId, total: 5, currency: 'EUR' },
      })),
    );
    await shop.wait(HOUR);
    const ends = await Promise.all(ids.map((customerId) => shop.ends(customerId)));
    expect(ends.map((each) => each[WELCOME] ?? '').toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'sent',
      'withheld: same mailbox',
      'withheld: same mailbox',
    ]);
    expect(shop.twin.mailbox.filter(({ to }) => to.includes(email))).toHaveLength(1);
  });
});
