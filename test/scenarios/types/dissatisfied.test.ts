/** Something is wrong: no promotion while it lasts and a week after, and whatever was under way goes on from there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AcceptedMail } from '../../../infra/local/contract.ts';
import { METRIC } from '../../../shared/contracts/metrics.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, send, type Shop } from '../../support/shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(OPENING, { nightly: true });
  for (const id of ['content', 'unhappy', 'rated', 'better', 'three-stars', 'resumed', 'ignored', 'held']) {
    await shop.register(id);
    await shop.buy(id, `${id}-1`);
  }
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const rate = (customerId: string, rating: number) =>
  shop.emit('Review Posted', { customerId, reviewId: `${customerId}-${rating}`, rating, channel: 'shop' });

const onboarding = (customerId: string) => shop.calendarOf(customerId).filter((each) => each.includes('onboarding/'));

function stillOpen(): AcceptedMail {
  const mail = shop.twin.mailbox.find(({ tags }) =>
    Buffer.from(tags['k'] ?? '', 'base64url').includes('recovery/still-open'),
  );
  if (mail === undefined) throw new Error('nobody was asked');
  return mail;
}

async function isDissatisfied(customerId: string): Promise<boolean> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('dissatisfied');
}

describe('a dissatisfied customer', () => {
  it('is one by a complaint, a bad rating or a stopped renewal, whatever the stage', async () => {
    await until(1);
    await shop.complain('unhappy', 'k');
    await shop.complain('ignored', 'i');
    await rate('rated', 2);
    await rate('better', 1);
    await rate('three-stars', 3);
    const endsAt = new Date(OPENING + 90 * DAY).toISOString();
    await shop.emit('Subscription Renewal Stopped', { customerId: 'resumed', subscriptionId: 's', endsAt });
    for (const id of ['unhappy', 'ignored', 'rated', 'better', 'resumed']) {
      expect(await isDissatisfied(id)).toBe(true);
      expect(await shop.stageOf(id)).toBe('new');
    }
    for (const id of ['content', 'three-stars']) expect(await isDissatisfied(id)).toBe(false);
  });

  it('is no longer one when it is resolved, a rating of four follows, or the renewal is resumed', async () => {
    await until(4);
    await shop.resolve('unhappy', 'k');
    await rate('rated', 3);
    await rate('better', 4);
    await shop.emit('Subscription Renewal Resumed', { customerId: 'resumed', subscriptionId: 's' });
    for (const id of ['unhappy', 'better', 'resumed']) expect(await isDissatisfied(id)).toBe(false);
    for (const id of ['ignored', 'rated']) expect(await isDissatisfied(id)).toBe(true);
  });

  it('finds promotion that was waiting already withheld', async () => {
    // The guide is due at noon; nobody gets mail then who lives where it is night.
    await shop.emit('Profile Updated', { customerId: 'held', timeZone: 'Pacific/Auckland' });
    await until(7);
    expect(await shop.pending('held', '1/onboarding/guide/1')).toMatchObject({ heldBy: 'quiet hours' });
    await shop.complain('held', 'h');
    await until(8);
    expect(await shop.ends('held')).toMatchObject({ '1/onboarding/guide/1': 'withheld: open complaint' });
    await shop.resolve('held', 'h');
  });

  it('gets no promotion for a week after, and then what was under way, later by all of that', async () => {
    for (const id of ['content', 'three-stars']) expect(onboarding(id)).toContain('7 onboarding/guide');
    // Three days of trouble and seven of rest.
    await until(17 - MINUTE / DAY);
    for (const id of ['unhappy', 'better', 'resumed']) expect(onboarding(id)).toEqual(['0 onboarding/welcome']);
    await until(31);
    expect(onboarding('content')).toEqual(['0 onboarding/welcome', '7 onboarding/guide', '21 onboarding/check-in']);
    for (const id of ['unhappy', 'better', 'resumed']) {
      expect(onboarding(id)).toEqual(['0 onboarding/welcome', '17 onboarding/guide', '31 onboarding/check-in']);
    }
  });

  it('is one for thirty days after a bad rating that nothing follows', async () => {
    expect(await isDissatisfied('rated')).toBe(false);
    expect(onboarding('rated')).toEqual(['0 onboarding/welcome']);
    await until(45);
    // Of seven days one had passed; six more after the rest.
    expect(onboarding('rated')).toEqual(['0 onboarding/welcome', '44 onboarding/guide']);
  });

  it('hears every three days where a complaint stands, and after thirty is asked whether it is solved', async () => {
    const told = shop.calendarOf('ignored').slice(1);
    // The tenth round would come with the question, which comes instead.
    const rounds = Array.from({ length: 14 }, (_, index) =>
      index === 9 ? '31 recovery/still-open' : `${1 + 3 * (index + 1)} recovery/status.${index + 1}`,
    );
    expect(told).toEqual(['1 recovery/apology', ...rounds]);
    const { subject, answers, text } = await letterOf(stillOpen());
    expect(subject).toBe('Is it solved?');
    expect(answers).toHaveLength(2);
    expect(text).toContain('sorry');
    expect(text).not.toMatch(/% off|\bcode\b/u);
  });

  it('calls a person who says that it is not', async () => {
    const [, no = ''] = (await letterOf(stillOpen())).answers;
    await send(no);
    await shop.wait(HOUR);
    expect(shop.announced('Attention Needed', 'ignored')).toMatchObject([{ reason: 'answer', priority: 'high' }]);
  });

  it('is counted while a complaint is open for longer than two weeks, and closed as unknown after 45 days', async () => {
    // One customer, every night from the fifteenth day of the complaint on.
    const nights = shop.counted(METRIC.openComplaintsOld);
    expect(nights).toBe(30);
    await until(46 - MINUTE / DAY);
    expect(await isDissatisfied('ignored')).toBe(true);
    await until(46);
    expect(await isDissatisfied('ignored')).toBe(false);
    // They were promised to hear of it.
    await shop.wait(5 * MINUTE);
    expect(shop.calendarOf('ignored').at(-1)).toBe('46 recovery/unsettled');
    const { subject, text } = await letterOf(shop.lastMail('ignored'));
    expect(subject).toBe('Your case is not settled, and we are sorry');
    expect(text).toContain('we will open it again, whenever that may be');
    expect(shop.mailsTo('unhappy')).not.toContain('recovery/unsettled');
    // What was decided in the meantime came to nothing.
    expect(shop.mailsTo('ignored').filter((each) => !each.startsWith('recovery/'))).toEqual(['onboarding/welcome']);
  });

  it('is opened again by whoever says that it is solved, and a moment later that it is not', async () => {
    const [yes = '', no = ''] = (await letterOf(stillOpen())).answers;
    await send(yes);
    await shop.wait(5 * MINUTE);
    expect(shop.mailsTo('ignored').at(-1)).toBe('recovery/resolved');
    await send(no);
    await shop.wait(15 * MINUTE);
    expect(await isDissatisfied('ignored')).toBe(true);
    expect(shop.mailsTo('ignored').at(-1)).toBe('recovery/apology');
    expect((await letterOf(shop.lastMail('ignored'))).text).toContain('sorry');
    const called = { reason: 'answer', priority: 'high' };
    expect(shop.announced('Attention Needed', 'ignored')).toMatchObject([called, called]);
  });
});
