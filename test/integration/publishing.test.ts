/** Content that is published to a running deployment is in its next mail and page, without a deployment. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileEdition, type Edition } from '../../infra/publishing/edition.ts';
import { moveTo, publish } from '../../infra/publishing/publish.ts';
import { openRecords, type Records } from '../../infra/records.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { speakOnly } from '../support/content.ts';
import { linksIn, openShop, type Shop } from '../support/shop.ts';

const SHIPPED = path.join(import.meta.dirname, '../../shared/content');
const WELCOME = '1/onboarding/welcome/1';

const strings = z.record(z.string(), z.string());

/** Texts of a file of the content, changed. */
async function rewrite(directory: string, file: string, change: (text: string) => string): Promise<void> {
  const name = path.join(directory, file);
  await writeFile(name, change(await readFile(name, 'utf8')));
}

let shop: Shop;
let records: Records;
let changed: Edition;

beforeAll(async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'content-'));
  try {
    await cp(SHIPPED, directory, { recursive: true });
    await rewrite(directory, 'templates/onboarding/welcome/en.json', (text) =>
      JSON.stringify({ ...strings.parse(JSON.parse(text)), subject: 'A published subject' }),
    );
    await rewrite(directory, 'preferences/en.json', (text) =>
      text.replace(/("title": ")[^"]*(",\s*"intro")/u, '$1A published page$2'),
    );
    // Nothing that shows here, but another playbook.
    await rewrite(directory, 'playbook.json', (text) => text.replace('"perDay": 1', '"perDay": 3'));
    await speakOnly(directory, 'en');
    changed = await compileEdition(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
  shop = await openShop();
  const { endpoint, region, tableName } = shop.twin;
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  records = openRecords({ endpoint, region, credentials }, tableName);
});

afterAll(async () => {
  records.close();
  await shop.close();
});

const mover = () => ({ at: shop.twin.now(), by: 'anna' });

/** Somebody buys for the first time; what they are welcomed with, and what the ledger says of it. */
async function welcomed(customerId: string, locale?: string) {
  await shop.register(customerId, { ...(locale !== undefined && { locale }) });
  await shop.buy(customerId, `order-${customerId}`);
  const { raw } = shop.lastMail(customerId);
  const { subject } = await simpleParser(Buffer.from(raw));
  const page = await fetch((await linksIn({ raw })).preferences);
  const entry = await shop.entry(customerId, WELCOME);
  return { subject, entry, page: await page.text() };
}

describe('a release', () => {
  it('that is published is in the next mail, its ledger entry and the pages within a minute; and no more when it is taken back', async () => {
    const before = await welcomed('anna');
    expect(before.subject).not.toBe('A published subject');
    expect(before.entry?.release).not.toBe(changed.id);

    const moved = await publish(records.releases, changed, undefined, mover());
    expect(moved).toMatchObject({ kind: 'moved', move: { number: 1, releaseId: changed.id } });
    await shop.wait(MINUTE);
    const after = await welcomed('bo');
    expect(after.subject).toBe('A published subject');
    expect(after.entry).toMatchObject({ outcome: 'sent', release: changed.id });
    expect(after.page).toContain('A published page');
    // What is not sent names it, too.
    await shop.register('cleo', { consent: undefined });
    await shop.buy('cleo', 'order-cleo');
    expect(await shop.entry('cleo', WELCOME)).toMatchObject({ reason: 'no consent', release: changed.id });

    await moveTo(records.releases, undefined, await records.releases.latest(), mover());
    await shop.wait(MINUTE);
    const back = await welcomed('dan');
    expect(back.subject).toBe(before.subject);
    expect(back.entry).toMatchObject({ release: before.entry?.release });
    expect(back.page).not.toContain('A published page');
  });

  it('of a format nobody here knows leaves everything as it is, and is counted', async () => {
    const latest = await records.releases.latest();
    await moveTo(records.releases, { id: 'of-the-future', format: 99 }, latest, mover());
    await shop.wait(MINUTE);
    expect((await welcomed('eva')).entry).toMatchObject({ outcome: 'sent' });
    expect(shop.counted(METRIC.contentKept, { why: 'format' })).toBeGreaterThan(0);
    await moveTo(records.releases, undefined, await records.releases.latest(), mover());
  });

  it('without the language of a reader greets them in another one, and the ledger says so', async () => {
    expect((await welcomed('finn', 'fi-FI')).entry).toMatchObject({ locale: 'en', insteadOf: 'fi' });
    expect((await welcomed('gus', 'en-GB')).entry).not.toHaveProperty('insteadOf');
  });
});
