/** Campaigns over generated customers, in memory: the functions' own code, and a walk that dies where chance has it. */
import type { CampaignServices } from '../../infra/campaigns/campaign-services.ts';
import { place, walk } from '../../infra/campaigns/walk.ts';
import { type Chance, chanceOf } from '../../infra/local/random.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryCampaignBook } from '../../shared/adapters/memory-campaign-book.ts';
import { CAMPAIGN_SOURCE } from '../../shared/contracts/bus.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { suppress, unknownAddress } from '../../shared/lifecycle/address.ts';
import type { Campaign, Order } from '../../shared/lifecycle/campaign/campaign.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { event } from './events.ts';
import { Pipeline } from './pipeline.ts';
import { SHIPPED } from './playbooks.ts';

/** The shipped playbook with campaigns and nothing else to send: what else goes out is told by what was sent before. */
const CAMPAIGNS_ONLY: Playbook = {
  ...SHIPPED,
  programmes: SHIPPED.programmes.filter(({ id }) => id === 'campaign'),
};

/** Whoever kills the walk. */
class Killed extends Error {
  override readonly name = 'Killed';
}

const ADDRESS_KEY = 'address key';
const PAGE = 50;

/** How often a step of the walk dies, before or after it was done. */
const DEATHS = 0.25;
/** A campaign that cannot be finished in so many tries never will. */
const MOST_TRIES = 10_000;

/** A shop in memory, with a book of campaigns. */
export class CampaignBench {
  readonly pipeline: Pipeline;
  readonly book: MemoryCampaignBook;
  readonly customerIds: string[] = [];
  /** Events the walk put on the bus, as often as it did. */
  put = 0;
  /** How often the walk died. */
  killed = 0;
  readonly #chance: Chance;

  constructor(now: Instant, seed: string, playbook = CAMPAIGNS_ONLY) {
    this.pipeline = new Pipeline(playbook, now);
    this.book = new MemoryCampaignBook(this.pipeline.store);
    this.#chance = chanceOf(seed, 'deaths');
  }

  get services(): CampaignServices {
    const { pipeline, book } = this;
    return {
      book,
      customers: { page: (after) => this.#page(after) },
      lanes: pipeline.lanes,
      addresses: pipeline.addresses,
      addressKey: async () => ADDRESS_KEY,
      announcer: { announce: (each) => this.#deliver(each) },
      playbook: pipeline.playbook,
      circumstances: pipeline.circumstances,
      sending: pipeline.sending,
      now: () => pipeline.now,
      sleep: async () => undefined,
    };
  }

  /** The same, each step of which may be the last. */
  get mortal(): CampaignServices {
    const { book, customers, announcer, ...others } = this.services;
    return {
      ...others,
      customers: { page: (after) => this.#risk(() => customers.page(after)) },
      announcer: {
        announce: async (all) => {
          // Killed in the middle of a batch: some were put.
          const some = all.slice(0, this.#chance.between(0, all.length));
          await this.#risk(
            () => announcer.announce(all),
            () => announcer.announce(some),
          );
        },
      },
      book: {
        read: (name) => book.read(name),
        all: () => book.all(),
        ends: (campaign) => book.ends(campaign),
        save: (campaign, expected) => this.#risk(() => book.save(campaign, expected)),
      },
    };
  }

  /** Everything about a customer happens in the order given. */
  async know(customerId: string, ...events: readonly CustomerEvent[]): Promise<void> {
    this.customerIds.push(customerId);
    await this.pipeline.deliver(...events);
  }

  /** Mail to the address of a customer came back. */
  async suppress(email: string): Promise<void> {
    const hash = addressHash(ADDRESS_KEY, email);
    const suppressed = suppress(unknownAddress(hash), 'hard bounce', this.pipeline.now);
    await this.pipeline.addresses.save({ ...suppressed, version: 1 }, 0);
  }

  /** The mail of another programme went to the customer. */
  async mailed(customerId: string, ...ago: readonly number[]): Promise<void> {
    const customer = await this.pipeline.customer(customerId);
    const recent = ago.map((each) => ({ key: '1/retention/benefits/1', at: this.pipeline.now - each }));
    const next = { ...customer, recent, version: customer.version + 1 };
    if (!(await this.pipeline.store.save(next, customer.version))) throw new Error('nobody else writes in a test');
  }

  /** Orders a campaign, and addresses everybody however often that dies. */
  async campaign(order: Order): Promise<Campaign> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      try {
        const campaign = (await this.book.read(order.name)) ?? (await place(this.mortal, order, 'test', 0));
        return await walk(this.mortal, campaign);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        this.killed += 1;
      }
    }
    throw new Error('the walk never ends');
  }

  async #risk<T>(act: () => Promise<T>, half: () => Promise<unknown> = act): Promise<T> {
    if (!this.#chance.happens(DEATHS)) return act();
    if (this.#chance.happens(0.5)) await half();
    throw new Killed();
  }

  async #page(after: string | undefined) {
    const begin = Number(after ?? 0);
    const end = begin + PAGE;
    const loaded = await Promise.all(this.customerIds.slice(begin, end).map((each) => this.pipeline.store.load(each)));
    const customers = loaded.filter((each) => each?.kind === 'living');
    return end < this.customerIds.length ? { customers, next: String(end) } : { customers };
  }

  /** As the intake does: through the schema, and only what has the right source. */
  async #deliver(announcements: readonly Announcement[]): Promise<void> {
    for (const { detailType, id, occurredAt, data, source = CAMPAIGN_SOURCE } of announcements) {
      const metadata = { id, version: 1, occurredAt: new Date(occurredAt).toISOString() };
      const parsed = parseEvent({ source, detailType, detail: { metadata, data } }, this.pipeline.now);
      if (parsed.kind !== 'event') throw new Error(`the walk said what is ${JSON.stringify(parsed)}`);
      this.put += 1;
      await this.pipeline.deliver(parsed.event);
    }
  }
}

const ZONES = ['Europe/Stockholm', 'America/New_York', 'Asia/Tokyo'] as const;
const CATEGORIES = ['tea', 'tea', 'pots', 'cups'] as const;

/** One customer of many: most can be mailed, and some of all kinds cannot. */
export async function generateCustomer(bench: CampaignBench, number: number, seed: string): Promise<void> {
  const chance = chanceOf(seed, 'customer', number);
  const { now } = bench.pipeline;
  const customerId = `c-${number}`;
  const email = `${customerId}@example.com`;
  const about = (type: string, daysAgo: number, data: Readonly<Record<string, unknown>>) =>
    event(type, now - daysAgo * DAY, { customerId, ...data }, `${customerId}-${type}-${daysAgo}`);
  const orders = chance.between(0, 3);
  const consent = { marketing: chance.pick(['opt_in', 'opt_in', 'opt_in', 'soft_opt_in', 'none']), source: 'form' };
  const at = new Date(now - 100 * DAY).toISOString();
  const events = [
    about('Customer Registered', 100, {
      email,
      timeZone: chance.pick(ZONES),
      locale: chance.pick(['sv-SE', 'en']),
      consent: { ...consent, at },
    }),
    ...Array.from({ length: orders }, (_none, index) =>
      about('Purchase Completed', 15 + 20 * index, {
        orderId: `o-${index}`,
        total: 40,
        currency: 'EUR',
        items: [{ sku: 's', name: 'Tea', quantity: 1, price: 40, category: chance.pick(CATEGORIES) }],
      }),
    ),
    ...(chance.happens(0.08) ? [about('Nps Answered', 10, { score: chance.pick([2, 9, 10]) })] : []),
    ...(chance.happens(0.06)
      ? [about('Complaint Opened', 2, { complaintId: 'k', channel: 'email', severity: 'low' })]
      : []),
    ...(chance.happens(0.06) ? [about('Preferences Changed', 5, { how: 'one-click', promotion: 'off' })] : []),
  ];
  await bench.know(customerId, ...events);
  if (chance.happens(0.05)) await bench.suppress(email);
  const lately = chance.next();
  if (lately < 0.1) await bench.mailed(customerId, 2 * DAY, 4 * DAY);
  else if (lately < 0.2) await bench.mailed(customerId, 5 * HOUR);
}
