/**
 * P1, a register that stays fresh: the latest correction counts, an address that is dead gets nothing more, and two ids
 * of one person get what one person gets.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterTo } from '../../support/letter.ts';
import { linksIn, OPENING, openShop, send, type Shop } from '../../support/shop.ts';

const WELCOME = 'onboarding/welcome';
const GUIDE = 'onboarding/guide';
const FULL = { kind: 'bounce', bounceType: 'Transient', bounceSubType: 'MailboxFull' } as const;
const DEAD = { kind: 'bounce', bounceType: 'Permanent' } as const;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const correct = (customerId: string, said: Readonly<Record<string, unknown>>, at = shop.twin.now()) =>
  shop.emit('Profile Updated', { customerId, ...said }, { at });
const recipientsOf = (customerId: string) => shop.lastMail(customerId).to;

async function report(customerId: string, outcome: typeof FULL | typeof DEAD): Promise<void> {
  shop.twin.ses.report(shop.lastMail(customerId).id, outcome);
  await shop.wait(1000);
}

describe('a correction', () => {
  it('is what the next mail goes by: address and name', async () => {
    await shop.register('moved', { name: 'Ana Berk' });
    await correct('moved', { email: 'anna@example.org', name: 'Anna Berg' });
    await shop.buy('moved', 'moved-1');
    expect(recipientsOf('moved')).toEqual(['anna@example.org']);
    expect((await letterTo(shop, 'moved', WELCOME)).subject).toBe('Thank you, Anna. Your order is with us');
  });

  it('leaves alone what it does not speak of', async () => {
    await correct('moved', { name: 'Anna Maria Berg' });
    await shop.complain('moved', 'k');
    expect(recipientsOf('moved')).toEqual(['anna@example.org']);
    await shop.resolve('moved', 'k');
  });

  it('that is older than what we know changes nothing, however late it is heard of', async () => {
    await until(1);
    await correct('moved', { email: 'newest@example.org' });
    await correct('moved', { email: 'older@example.org', name: 'Ana Berk' }, OPENING + DAY - HOUR);
    await shop.complain('moved', 'k-2');
    expect(recipientsOf('moved')).toEqual(['newest@example.org']);
    await shop.resolve('moved', 'k-2');
  });

  it('may come with an order, and counts for mail that is waiting', async () => {
    await shop.register('waits', { timeZone: 'Pacific/Auckland' });
    await shop.emit('Preference Declared', { customerId: 'waits', previousSupplier: 'Leaf Direct' });
    await shop.wait(2 * HOUR);
    expect(await shop.pending('waits', '1/nurture/sets-apart/1')).toMatchObject({ heldBy: 'quiet hours' });
    await correct('waits', { email: 'waits@example.org' });
    await until(2);
    expect(recipientsOf('waits')).toEqual(['waits@example.org']);
    const order = { customerId: 'waits', orderId: 'waits-1', total: 40, currency: 'EUR', email: 'order@example.org' };
    await until(3);
    await shop.emit('Purchase Completed', order);
    await shop.wait(MINUTE);
    expect(recipientsOf('waits')).toEqual(['order@example.org']);
  });

  it('withdraws a consent as it gives one', async () => {
    const consent = (marketing: string) => ({
      consent: { marketing, source: 'support', at: new Date(shop.twin.now()).toISOString() },
    });
    for (const id of ['withdraws', 'gives']) await shop.register(id);
    await correct('withdraws', consent('none'));
    await correct('gives', consent('none'));
    await shop.wait(MINUTE);
    await correct('gives', consent('opt_in'));
    for (const id of ['withdraws', 'gives']) await shop.buy(id, id);
    expect(await shop.ends('withdraws')).toEqual({ [`1/${WELCOME}/1`]: 'withheld: no consent' });
    expect(await shop.ends('gives')).toEqual({ [`1/${WELCOME}/1`]: 'sent' });
  });
});

describe('a bounce', () => {
  it('of an address that is dead ends all mail there; a new address begins afresh', async () => {
    shop.twin.ses.setFate('dead@example.com', []);
    await shop.register('dead');
    await shop.buy('dead', 'dead-1');
    expect(shop.mailsTo('dead')).toEqual([WELCOME]);
    await report('dead', DEAD);
    await shop.complain('dead', 'k');
    expect(await shop.ends('dead')).toMatchObject({ '1/recovery/apology/k': 'withheld: hard bounce' });
    await shop.resolve('dead', 'k');
    await correct('dead', { email: 'alive@example.com' });
    await shop.complain('dead', 'k-2');
    expect(recipientsOf('dead')).toEqual(['alive@example.com']);
    await shop.resolve('dead', 'k-2');
  });

  it('of a full mailbox stops promotion after the third', async () => {
    shop.twin.ses.setFate('full@example.com', []);
    await shop.register('full');
    for (const complaint of ['a', 'b', 'c']) {
      await shop.complain('full', complaint);
      if (complaint !== 'c') await report('full', FULL);
    }
    // Others of the same household, after two bounces and after three.
    await shop.register('full-two', { email: 'full@example.com' });
    await shop.buy('full-two', 'full-two');
    await shop.wait(10 * MINUTE);
    expect(await shop.ends('full-two')).toEqual({ [`1/${WELCOME}/1`]: 'sent' });
    await report('full', FULL);
    await shop.register('full-three', { email: 'full@example.com' });
    await shop.buy('full-three', 'full-three');
    await shop.wait(10 * MINUTE);
    expect(await shop.ends('full-three')).toEqual({ [`1/${WELCOME}/1`]: 'withheld: bouncing' });
    // What answers a matter of their own is tried all the same.
    expect(shop.mailsTo('full')).toHaveLength(3);
  });
});

describe('two ids with one mailbox', () => {
  it('get one copy, however the address is written', async () => {
    await until(4);
    await shop.register('twice', { email: 'Berg@example.com' });
    await shop.register('twice-again', { email: ' berg@EXAMPLE.com'.trim() });
    await shop.register('somebody-else', { email: 'berg@example.org' });
    for (const id of ['twice', 'twice-again', 'somebody-else']) await shop.buy(id, id);
    await shop.wait(5 * MINUTE);
    expect(shop.mailsTo('twice')).toEqual([WELCOME]);
    expect(shop.mailsTo('twice-again')).toEqual([]);
    expect(await shop.ends('twice-again')).toEqual({ [`1/${WELCOME}/1`]: 'withheld: same mailbox' });
    expect(shop.mailsTo('somebody-else')).toEqual([WELCOME]);
  });

  it('share the caps: what one got the other does not get that day', async () => {
    await shop.register('sharer', { email: 'two@example.com' });
    await shop.emit('Preference Declared', { customerId: 'sharer', previousSupplier: 'Leaf Direct' });
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('sharer')).toEqual(['nurture/sets-apart']);
    const page = { sku: 'tea-203', category: 'green tea', kind: 'specification' } as const;
    for (const customerId of ['capped', 'uncapped']) {
      await shop.register(customerId, { email: customerId === 'capped' ? 'two@example.com' : 'own@example.com' });
      await look(shop, customerId, page, page, page);
    }
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('uncapped')).toEqual(['nurture/knowledge']);
    expect(shop.mailsTo('capped')).toEqual([]);
    expect(await shop.ends('capped')).toEqual({ '1/nurture/knowledge/1': 'withheld: frequency cap' });
  });

  it('share an unsubscription', async () => {
    await send((await linksIn(shop.lastMail('twice'))).oneClick, ['List-Unsubscribe', 'One-Click']);
    await until(12);
    expect(shop.mailsTo('somebody-else')).toContain(GUIDE);
    for (const id of ['twice', 'twice-again']) {
      expect(shop.mailsTo(id)).not.toContain(GUIDE);
      expect(await shop.ends(id)).toMatchObject({ [`1/${GUIDE}/1`]: 'withheld: unsubscribed' });
    }
  });

  it('each hear of a matter of their own', async () => {
    for (const id of ['twice', 'twice-again']) await shop.complain(id, `${id}-k`);
    for (const id of ['twice', 'twice-again']) expect(shop.mailsTo(id).at(-1)).toBe('recovery/apology');
    for (const id of ['twice', 'twice-again']) await shop.resolve(id, `${id}-k`);
  });

  it('share a dead address', async () => {
    await report('twice', DEAD);
    for (const id of ['twice', 'twice-again']) {
      await shop.complain(id, 'after');
      expect(await shop.ends(id)).toMatchObject({ '1/recovery/apology/after': 'withheld: hard bounce' });
    }
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
