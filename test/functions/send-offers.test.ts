import { beforeEach, describe, expect, it } from 'vitest';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { offerFor } from '../../shared/lifecycle/customer/offers.ts';
import { periodAt } from '../../shared/lifecycle/offers/budget.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Offer } from '../../shared/lifecycle/playbook/offers.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import { CannotBeMade } from '../../functions/send/compose.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { bought, CUSTOMER, event, loggedIn, registered, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';
import { Bench, Died } from './bench.ts';

const GIFT = '1/gift/gift/1';
const CODE = /^[2-9B-DF-HJ-NP-TV-Z]{10}$/u;

const playbookWith = (gift: Partial<Offer>): Playbook => ({
  ...PLAYBOOK_FOR_RULES,
  offers: {
    barred: 30 * DAY,
    confirmWithin: 24 * HOUR,
    byName: {
      gift: {
        codes: 'announce',
        worth: [{ percent: 10 }],
        lasts: 14 * DAY,
        terms: { en: 'once' },
        budget: { offers: 5, per: 30 * DAY },
        ...gift,
      },
    },
  },
  programmes: [
    {
      id: 'gift',
      afterUnknown: 'give up',
      series: [
        {
          id: 'gift',
          trigger: 'stage',
          stage: 'new',
          steps: [
            { id: 'gift', class: 'promotional', priority: 1, fresh: 7 * DAY, offer: 'gift', after: 0 },
            { id: 'more', class: 'promotional', priority: 2, fresh: 7 * DAY, offer: 'gift', after: 2 * DAY },
          ],
        },
      ],
    },
  ],
});

type Call = 'reserve' | 'claimCode';

/** A book whose caller dies at the next such call, before or after it. */
class MortalBook extends MemoryOfferBook {
  death: { readonly call: Call; readonly when: 'before' | 'after' } | undefined;

  async #risk<T>(call: Call, act: () => Promise<T>): Promise<T> {
    const { death } = this;
    if (death?.call !== call) return act();
    this.death = undefined;
    if (death.when === 'after') await act();
    throw new Died(call);
  }

  override reserve(...about: Parameters<MemoryOfferBook['reserve']>): Promise<boolean> {
    return this.#risk('reserve', () => super.reserve(...about));
  }

  override claimCode(...about: Parameters<MemoryOfferBook['claimCode']>): Promise<string | undefined> {
    return this.#risk('claimCode', () => super.claimCode(...about));
  }
}

let bench: Bench;
let book: MortalBook;
/** The code each mail named that SES got. */
let named: Map<string, string | undefined>;

beforeEach(async () => {
  bench = new Bench();
  book = new MortalBook();
  bench.offers = book;
  named = new Map();
});

const services = (): SendServices => {
  const { compose, ...others } = bench.senders;
  return {
    ...others,
    compose: async (customer, ...about) => {
      const mail = await compose(customer, ...about);
      return { ...mail, tags: { ...mail.tags, code: offerFor(customer, GIFT)?.code ?? '' } };
    },
    mailer: {
      send: async (mail) => {
        named.set(mail.tags['c'] ?? '', mail.tags['code']);
        return bench.mailer.send(mail);
      },
    },
  };
};

/** Customers who have just bought for the first time: the gift of each is pending. */
async function open(gift: Partial<Offer>, customers: readonly string[] = [CUSTOMER]): Promise<void> {
  bench.playbook = playbookWith(gift);
  for (const customerId of customers) {
    const data = { customerId, email: `${customerId}@example.com` };
    await bench.record(registered(START, data), bought(START, `o-${customerId}`, { customerId }));
  }
}

const deliver = (customerId = CUSTOMER, key = GIFT) => sendMessage(services(), customerId, key);
const asked = (): readonly Announcement[] =>
  bench.announced.filter(({ detailType }) => detailType === ANNOUNCED.offerIssued);
const taken = () => book.taken(periodAt('gift', playbookWith({}).offers.byName['gift'] ?? expect.fail(), START));

/** The timer has passed, and the sweep has found it in some minute. */
const wake = (minute = 1) =>
  recordCustomer(bench.recording, { customerId: CUSTOMER, events: [], wake: `due/${minute}/0` });
const isDue = async () =>
  (await bench.store.dueBetween(0, bench.now)).some(({ customerId }) => customerId === CUSTOMER);

const confirm = async (code?: string) => {
  const offerId = (await bench.customer()).offers[0]?.offerId;
  return bench.record(event('Offer Confirmed', bench.now, { offerId, ...(code !== undefined && { code }) }));
};

describe('an offer the shop is asked for', () => {
  beforeEach(() => open({}));

  it('is announced with its code and its end, and the mail waits', async () => {
    await deliver();
    await wake();
    const { offers, pending } = await bench.customer();
    expect(offers).toEqual([
      {
        key: GIFT,
        offer: 'gift',
        offerId: expect.stringMatching(/^o-[a-z0-9]{20}$/u),
        percent: 10,
        code: expect.stringMatching(CODE),
        issuedAt: START,
        expiresAt: START + 14.5 * DAY - 1,
        confirmBy: START + DAY,
        asked: { at: START, cause: 'due/1/0' },
      },
    ]);
    expect(pending[GIFT]).toMatchObject({ notBefore: START + DAY, heldBy: 'waiting for the offer' });
    expect(asked()).toEqual([
      {
        detailType: 'Offer Issued',
        id: `${CUSTOMER}/${offers[0]?.offerId}`,
        occurredAt: START,
        data: {
          customerId: CUSTOMER,
          offer: 'gift',
          offerId: offers[0]?.offerId,
          code: offers[0]?.code,
          percent: 10,
          issuedAt: new Date(START).toISOString(),
          // To the end of the day.
          expiresAt: new Date(START + 14.5 * DAY - 1).toISOString(),
        },
      },
    ]);
    expect(bench.mailer.keys).toEqual([]);
    expect(await taken()).toBe(1);
    expect(bench.meter.counted(NOTE.offerIssued)).toBe(1);
  });

  it('is announced by the next sweep, however long the timer of its message has stood', async () => {
    bench.now += 10 * MINUTE;
    await deliver();
    expect((await bench.customer()).dueAt).toBe(bench.now);
    expect(asked()).toEqual([]);
    await wake();
    expect(asked()).toHaveLength(1);
    expect(await isDue()).toBe(false);
  });

  it('is announced by an event that comes before the sweep, and again with that event', async () => {
    await deliver();
    const login = loggedIn(START + MINUTE);
    await bench.record(login);
    await bench.record(login);
    expect(asked()).toHaveLength(2);
    expect(asked()[1]).toEqual(asked()[0]);
    await wake();
    expect(asked()).toHaveLength(2);
  });

  it('is announced again, the same, every hour until the shop has confirmed it', async () => {
    await deliver();
    await wake(1);
    bench.now += HOUR - MINUTE;
    await wake(60);
    expect(asked()).toHaveLength(1);
    expect(await isDue()).toBe(false);
    bench.now += MINUTE;
    expect(await isDue()).toBe(true);
    await wake(61);
    expect(asked()).toHaveLength(2);
    expect(asked()[1]).toEqual(asked()[0]);
    expect(await taken()).toBe(1);
    await confirm();
    await deliver();
    bench.now += HOUR;
    await wake(121);
    await wake(1);
    expect(asked()).toHaveLength(2);
  });

  it('is not announced when its message has ended meanwhile', async () => {
    await deliver();
    await bench.record(bought(START + MINUTE, 'second'));
    await wake();
    expect(await bench.ledger()).toEqual([`${GIFT} cancelled: stage is active`]);
    expect(asked()).toEqual([]);
  });

  it('goes out as soon as the shop has confirmed it', async () => {
    await deliver();
    await wake();
    bench.now += HOUR;
    await confirm();
    expect((await bench.customer()).pending[GIFT]?.notBefore).toBe(bench.now);
    expect(bench.announced.at(-1)).toMatchObject({ detailType: ANNOUNCED.messageDue, data: { key: GIFT } });
    await deliver();
    expect(bench.mailer.keys).toEqual([GIFT]);
    expect(named.get(CUSTOMER)).toBe(asked()[0]?.data['code']);
    await deliver();
    expect(bench.mailer.keys).toEqual([GIFT]);
  });

  it('names the code the shop put in the place of ours', async () => {
    await deliver();
    await confirm('THEIRS-1');
    await deliver();
    expect(named.get(CUSTOMER)).toBe('THEIRS-1');
  });

  it('is withheld when the shop says nothing for a day, and stays issued', async () => {
    await deliver();
    bench.now += DAY;
    await deliver();
    expect(await bench.ledger()).toEqual([`${GIFT} withheld: offer not confirmed`]);
    expect((await bench.customer()).offers).toHaveLength(1);
    expect(bench.mailer.keys).toEqual([]);
  });

  it('is one of a kind: no other is made while its code is alive', async () => {
    await deliver();
    await wake();
    await confirm();
    await deliver();
    bench.now += 3 * DAY;
    await bench.wake();
    await deliver(CUSTOMER, '1/gift/more/1');
    expect(await bench.ledger()).toContain('1/gift/more/1 withheld: offer alive');
    expect(asked()).toHaveLength(1);
  });

  it('is issued once though its sender dies before and after asking for the budget', async () => {
    for (const when of ['before', 'after'] as const) {
      book.death = { call: 'reserve', when };
      await expect(deliver()).rejects.toThrow(Died);
    }
    await deliver();
    await confirm();
    await deliver();
    expect(bench.mailer.keys).toEqual([GIFT]);
    expect(await taken()).toBe(1);
    expect((await bench.customer()).offers).toHaveLength(1);
  });

  it.each(['dies before', 'dies after'] as const)(
    'is announced in the end when its sender %s the write',
    async (fate) => {
      bench.store.next('save', fate);
      await expect(deliver()).rejects.toThrow(Died);
      await deliver();
      expect(await isDue()).toBe(true);
      await wake();
      expect(asked()).toHaveLength(1);
      expect(await taken()).toBe(1);
      const { offers } = await bench.customer();
      expect(asked()[0]?.data['code']).toBe(offers[0]?.code);
    },
  );

  it('is announced though nobody delivers its message again after its sender died', async () => {
    bench.store.next('save', 'dies after');
    await expect(deliver()).rejects.toThrow(Died);
    expect(await isDue()).toBe(true);
    await wake();
    expect(asked()).toHaveLength(1);
  });

  it('is announced in the end when the answer to the write was lost', async () => {
    bench.store.next('save', 'answer lost');
    await deliver();
    await wake();
    expect(asked()).toHaveLength(1);
    expect(await taken()).toBe(1);
  });

  it.each(['dies before', 'dies after'] as const)(
    'is announced by the redelivery when `record` %s its write, and the mail goes out',
    async (fate) => {
      await deliver();
      bench.store.next('save', fate);
      await expect(wake()).rejects.toThrow(Died);
      expect(asked()).toEqual([]);
      await wake();
      expect(asked()).toHaveLength(1);
      await confirm();
      await deliver();
      expect(bench.mailer.keys).toEqual([GIFT]);
    },
  );

  it('is announced by the redelivery, or an hour later, when the bus refuses it at first', async () => {
    await deliver();
    const refusing = { ...bench.recording, announcer: { announce: () => Promise.reject(new Died('the bus')) } };
    const arrivals = { customerId: CUSTOMER, events: [], wake: 'due/1/0' };
    await expect(recordCustomer(refusing, arrivals)).rejects.toThrow(Died);
    bench.now += HOUR;
    expect(await isDue()).toBe(true);
    await wake(61);
    expect(asked()).toHaveLength(1);
    await wake(1);
    expect(asked()).toHaveLength(1);
  });

  it('costs one part of the budget though the profile was written by others meanwhile', async () => {
    bench.store.before('save', () => bench.change(() => ({})));
    await deliver();
    await wake();
    expect(await taken()).toBe(1);
    expect(asked()).toHaveLength(1);
  });
});

describe('an offer with a code of the shop', () => {
  const POOL = { codes: 'pool' } as const;

  it('goes out at once with a code that nobody else gets', async () => {
    await open(POOL);
    await book.addCode('gift', 'SHOP-1');
    await deliver();
    expect(named.get(CUSTOMER)).toBe('SHOP-1');
    expect(await bench.ledger()).toEqual([`${GIFT} sent`]);
    await wake();
    expect(asked()).toEqual([]);
    expect(await book.pool('gift')).toEqual({ free: 0, claimed: 1 });
  });

  it('is withheld when the codes are used up, and costs nothing', async () => {
    await open(POOL);
    await deliver();
    expect(await bench.ledger()).toEqual([`${GIFT} withheld: no codes left`]);
    expect(await taken()).toBe(0);
    expect((await bench.customer()).offers).toEqual([]);
    expect(bench.meter.counted(NOTE.offerRefused)).toBe(1);
  });

  it.each([
    { call: 'reserve', when: 'before' },
    { call: 'reserve', when: 'after' },
    { call: 'claimCode', when: 'before' },
    { call: 'claimCode', when: 'after' },
  ] as const)('has one code though its sender dies $when $call', async (death) => {
    await open(POOL);
    for (const code of ['A', 'B', 'C']) await book.addCode('gift', code);
    book.death = death;
    await expect(deliver()).rejects.toThrow(Died);
    await deliver();
    expect(await bench.ledger()).toEqual([`${GIFT} sent`]);
    expect(await book.pool('gift')).toEqual({ free: 2, claimed: 1 });
    expect(await taken()).toBe(1);
  });

  it.each(['dies before', 'dies after', 'answer lost'] as const)('has one code when the write: %s', async (fate) => {
    await open(POOL);
    for (const code of ['A', 'B', 'C']) await book.addCode('gift', code);
    bench.store.next('save', fate);
    await Promise.allSettled([deliver()]);
    await deliver();
    expect(bench.mailer.keys).toEqual([GIFT]);
    expect(await book.pool('gift')).toEqual({ free: 2, claimed: 1 });
    expect(named.get(CUSTOMER)).toBe((await bench.customer()).offers[0]?.code);
  });

  it('is never the same for two, and never more than the budget, whoever is sent at the same time', async () => {
    const customers = Array.from({ length: 12 }, (_, number) => `c-${number + 1}`);
    await open({ ...POOL, budget: { offers: 7, per: 30 * DAY } }, customers);
    for (let number = 0; number < 20; number += 1) await book.addCode('gift', `SHOP-${number}`);
    await Promise.all(customers.flatMap((each) => [deliver(each), deliver(each)]));
    expect(new Set(named.values()).size).toBe(7);
    expect(bench.mailer.keys).toHaveLength(7);
    expect(await taken()).toBe(7);
    const ends = await Promise.all(customers.map((each) => bench.ledger(each)));
    expect(ends.flat().filter((end) => end.endsWith('withheld: budget spent'))).toHaveLength(5);
  });
});

async function expectNothingIssued(): Promise<void> {
  await wake();
  expect(asked()).toEqual([]);
  expect(await taken()).toBe(0);
  expect((await bench.customer()).offers).toEqual([]);
}

describe('an offer is not issued', () => {
  beforeEach(() => open({}));

  it('to the share that gets no promotion', async () => {
    bench.circumstances = { ...bench.circumstances, holdout: { share: 1, salt: '' } };
    await deliver();
    expect(await bench.ledger()).toEqual([`${GIFT} withheld: holdout`]);
    await expectNothingIssued();
  });

  it('for a mail that nobody could make', async () => {
    await sendMessage({ ...services(), compose: () => Promise.reject(new CannotBeMade('no')) }, CUSTOMER, GIFT);
    expect((await bench.customer()).pending[GIFT]?.heldBy).toBe('cannot be made');
    await expectNothingIssued();
  });

  it('where it is worth nothing', async () => {
    bench.playbook = playbookWith({ worth: [{ if: { fact: 'orders', operator: 'at least', value: 2 }, percent: 10 }] });
    await deliver();
    expect(await bench.ledger()).toEqual([`${GIFT} withheld: no offer`]);
    await expectNothingIssued();
  });
});

describe('in shadow', () => {
  beforeEach(async () => {
    await open({});
    bench.sending = 'shadow';
    await deliver();
  });

  it('an offer is made up: no shop hears of it, and it costs nothing', async () => {
    expect(await bench.ledger()).toEqual([`${GIFT} sent`]);
    expect(bench.mailer.keys).toEqual([]);
    await wake();
    expect(asked()).toEqual([]);
    expect(await taken()).toBe(0);
    expect((await bench.customer()).offers).toMatchObject([{ shadow: true }]);
  });

  it('what was made up stands in the way of no real offer later', async () => {
    bench.sending = 'live';
    bench.now += 3 * DAY;
    await bench.wake();
    await deliver(CUSTOMER, '1/gift/more/1');
    await wake();
    expect(asked()).toHaveLength(1);
  });
});
