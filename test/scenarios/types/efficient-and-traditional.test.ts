/** Efficient and traditional at once: the short form, and in it the reasons, in one line. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../../infra/cache.ts';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { type Letter, letterTo } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const MOST_WORDS = 120;
const MOST_IMAGES = 1;
/** Who declared which style. */
const STYLES = { both: 'both', brisk: 'efficient', classic: 'traditional' } as const;
const EVERYBODY = [...Object.keys(STYLES), 'plain'];
const withReasons = z.object({ reasonOne: z.string(), reasonTwo: z.string() });

/** The reasons a mail has in the content. */
function reasonsOf(name: string): readonly string[] {
  const file = path.join(PROJECT, 'shared/content/templates', name, 'en.json');
  const { reasonOne, reasonTwo } = withReasons.parse(JSON.parse(readFileSync(file, 'utf8')));
  return [reasonOne, reasonTwo];
}

/** An ordinary mail, a change and an offer, each with its reasons. */
const MAILS = ['onboarding/welcome', 'service/change-terms', 'retention/promoter-bonus'].map(
  (name) => [name, reasonsOf(name)] as const,
);

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of EVERYBODY) await shop.register(each, { name: 'Robin Berg' });
  for (const [customerId, style] of Object.entries(STYLES)) await declare(customerId, style);
  for (const customerId of EVERYBODY) {
    await shop.buy(customerId, `order-of-${customerId}`);
    await shop.emit('Change Requested', {
      customerId,
      changeId: 'glaze',
      what: 'The green glaze',
      cost: 4.5,
      currency: 'EUR',
    });
  }
  await shop.wait(DAY + HOUR);
  for (const customerId of EVERYBODY) await shop.emit('Nps Answered', { customerId, score: 10 });
  await shop.wait(2 * HOUR);
});
afterAll(() => shop.close());

const declare = (customerId: string, style: string) => shop.emit('Preference Declared', { customerId, style });

const mailOf = (customerId: string, name: string) => letterTo(shop, customerId, name);

/** Text as it reads, without its line breaks. */
const running = ({ text }: Letter) => text.replaceAll(/\s+/gu, ' ');
const imagesIn = ({ html }: Letter) => html.match(/<img\b/gu)?.length ?? 0;

describe('the reasons', () => {
  it('stand in one line of the short form for whoever declared both', async () => {
    for (const [name, reasons] of MAILS) {
      const letter = await mailOf('both', name);
      const line = letter.text.split(/\n\s*\n/u).find((each) => each.startsWith('Why:'));
      for (const reason of reasons) expect(line?.replaceAll(/\s+/gu, ' ')).toContain(reason);
      expect(letter.text).not.toContain('Why this is good for you');
      expect(letter.words).toBeLessThanOrEqual(MOST_WORDS);
      expect(imagesIn(letter)).toBeLessThanOrEqual(MOST_IMAGES);
    }
  });

  it('are all that distinguishes it from the short form', async () => {
    for (const [name, reasons] of MAILS) {
      const [both, brisk] = [await mailOf('both', name), await mailOf('brisk', name)];
      expect(both.subject).toBe(brisk.subject);
      expect(brisk.text).not.toContain('Why:');
      for (const reason of reasons) expect(running(brisk)).not.toContain(reason);
      expect(brisk.words).toBeLessThan(both.words);
    }
  });

  it('are as many in the long form, under a heading of their own', async () => {
    for (const [name, reasons] of MAILS) {
      const [classic, both] = [await mailOf('classic', name), await mailOf('both', name)];
      expect(classic.subject).toBe(both.subject);
      expect(classic.text.toLowerCase()).toContain('why this is good for you');
      for (const reason of reasons) expect(running(classic)).toContain(reason);
      expect(classic.text).not.toContain('Why:');
      expect(classic.words).toBeGreaterThan(both.words);
      for (const reason of reasons) expect(running(await mailOf('plain', name))).not.toContain(reason);
    }
  });

  it('keep the figures: what happens, when and how much', async () => {
    expect(running(await mailOf('both', 'onboarding/welcome'))).toContain('order-of-both (€40.00)');
    expect(running(await mailOf('both', 'service/change-terms'))).toContain('The green glaze. Cost: €4.50.');
    const { subject, text } = await mailOf('both', 'retention/promoter-bonus');
    const [{ code } = {}] = shop.announced('Offer Issued', 'both');
    expect(subject).toMatch(/10% off, until/u);
    expect(text).toContain(String(code));
    expect(text).toContain('Terms:');
  });

  it('follow the latest word', async () => {
    await declare('both', 'efficient');
    await declare('brisk', 'both');
    for (const each of ['both', 'brisk']) await shop.complain(each, `k-${each}`);
    expect((await mailOf('both', 'recovery/apology')).text).not.toContain('Why:');
    expect((await mailOf('brisk', 'recovery/apology')).text).toContain('Why:');
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
