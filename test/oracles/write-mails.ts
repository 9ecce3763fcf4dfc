/**
 * Writes every mail of the release as a file, for checkers that know nothing of this project: each step, variant and
 * language, for somebody we know everything about, once as usual and once in brief with the reasons, and for somebody we
 * know nothing about, composed by the sender's own code.
 *
 *   node --import tsx test/oracles/write-mails.ts DIRECTORY
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeMail, type ComposeServices } from '../../functions/send/compose.ts';
import { compiledRelease } from '../../infra/build.ts';
import { stageConfig } from '../../infra/config.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { openRelease, type TemplateEntry } from '../../shared/email/release.ts';
import { casesOf } from '../../shared/lifecycle/cases.ts';
import { formatKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { findStep, type Placed } from '../../shared/lifecycle/playbook.ts';
import { customerAfter } from '../support/customers.ts';
import {
  answered,
  bought,
  checkedOut,
  complained,
  CUSTOMER,
  day,
  event,
  filledCart,
  reviewed,
  stoppedRenewal,
} from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const CONTENT = join(import.meta.dirname, '../../shared/content');
const KEYS = { current: 'a key that signs nothing but these examples' };
/** Where links lead in a deployment without a domain of its own: a function URL. */
const LINK_BASE = 'https://abcdefghijklmnopqrstuvwxyz234567.lambda-url.eu-central-1.on.aws/';
const COMPLAINT = 'C-2291';
/** After every improvement there is to report. */
const NOW = day(365);

const ITEMS = ['Stoneware teapot, ash glaze', 'Cup “Höst”', 'First flush Darjeeling, 100 g'].map((name, index) => ({
  sku: `S-${index}`,
  name,
  quantity: index + 1,
  price: 21.5,
  url: `https://shop.example.com/p/${index}`,
  imageUrl: `https://shop.example.com/i/${index}.jpg`,
}));

/** What makes a reader somebody a variant is meant for. */
function variantEvents(variant: string | undefined): readonly CustomerEvent[] {
  switch (variant) {
    case undefined:
    case 'influencer':
    case 'partner':
      return [];
    case 'returning':
      return [bought(day(0), 'first')];
    case 'referred':
      return [event('Profile Updated', day(1), { referral: { by: 'c-2', recommended: 'the ash-glazed teapot' } })];
    case 'neutral':
      return [event('Nps Answered', day(350), { score: 7 })];
    case 'bargain':
      return [event('Coupon Applied', day(350), { coupon: 'AUTUMN' })];
    default:
      throw new Error(`nobody knows how to become somebody for the variant ${variant}`);
  }
}

/** What a case of the kind consists of: the event that opens it and, where the mail follows its end, the one that ends it. */
function caseEvents({ series, step: { id } }: Placed, variant: string | undefined): readonly CustomerEvent[] {
  if (series.trigger !== 'case') return [];
  const { from, about: [about = ''] = [] } = series.steps.find((each) => each.id === id) ?? {};
  const ending = (end: CustomerEvent) => (from === 'closed' ? [end] : []);
  switch (series.of) {
    case 'complaint':
      return [complained(day(361), COMPLAINT), ...ending(settled())];
    case 'rating':
      return [reviewed(day(361), 2)];
    case 'renewal':
      return [stoppedRenewal(day(361), day(380))];
    case 'late-order':
      return [bought(day(350), 'A-10481', { promisedBy: new Date(day(364)).toISOString() })];
    case 'change':
      return [
        event('Change Requested', day(361), { changeId: 'ch-1', what: 'The green glaze', cost: 4.5, currency: 'EUR' }),
        ...ending(event('Change Confirmed', day(362), { changeId: 'ch-1' })),
      ];
    case 'checkout':
      return [filledCart(day(364)), checkedOut(day(364.5))];
    case 'cart':
      return [filledCart(day(363))];
    case 'answer':
      if (about.startsWith('objection-'))
        return [event('Preference Declared', day(364), { objection: about.replace('objection-', '') })];
      return [answered(day(364), about.replace('obstacle-', ''), 'obstacle')];
    case 'referral':
      return [event('Referral Made', day(364), { friendId: 'c-3', kind: variant ?? 'customer' })];
    case 'attention':
    case 'order':
      return [];
    default:
      return series.of satisfies never;
  }
}

function settled(): CustomerEvent {
  const outcome = 'We sent a new lid with tracked post on Tuesday.';
  const compensation = 'The delivery fee of €6.50 is back on your card.';
  return event('Complaint Resolved', day(362), { complaintId: COMPLAINT, outcome, compensation });
}

/** Adds what is known of the reader beside the matter itself. */
type Reader = (locale: string) => readonly CustomerEvent[];

const rich: Reader = (locale) => [
  event('Profile Updated', day(1), { name: 'Zoë Lindqvist', locale, timeZone: 'Europe/Stockholm' }),
  event('Preference Declared', day(2), { previousSupplier: 'Leaf Direct', objection: 'quality' }),
];
const brief: Reader = (locale) => [...rich(locale), event('Preference Declared', day(3), { style: 'both' })];
const bare: Reader = (locale) => [event('Profile Updated', day(1), { locale })];

/** Who is won back has been away for long enough that something got better, and told us what was wrong. */
function orderEvents({ programme }: Placed, reader: Reader): readonly CustomerEvent[] {
  if (programme.id === 'nurture') return [];
  const isBack = programme.id !== 'win-back';
  const order = bought(isBack ? day(360) : day(10), 'A-10482', {
    total: 184.5,
    currency: 'EUR',
    ...(reader === bare ? {} : { items: ITEMS, promisedBy: new Date(day(368)).toISOString() }),
  });
  return isBack ? [order] : [order, answered(day(200), 'price')];
}

/** What a step counts on that no event brings about here. */
function remembered({ step }: Placed, key: string): Partial<Living> {
  const attention = { id: '1/key-account-at-risk/1', priority: 'high', at: day(361), cause: 'x' } as const;
  const offer = { key, offerId: 'o-1', percent: 10, code: 'ZOE-7Q2K', issuedAt: NOW, expiresAt: day(379) };
  return {
    attention: [{ ...attention, reason: 'key-account-at-risk' }],
    offers: step.offer === undefined ? [] : [{ ...offer, offer: step.offer }],
  };
}

/** The id of the case the mail is about; anything for the other series. */
function episodeOf(customer: Living, { series, step: { id } }: Placed): string {
  if (series.trigger !== 'case') return '1';
  const { about } = series.steps.find((each) => each.id === id) ?? {};
  const found = casesOf(customer, SHIPPED, series.of).findLast(
    (each) => about === undefined || about.includes(each.about ?? ''),
  );
  if (found === undefined) throw new Error(`${id} is about a case that does not exist`);
  return found.id;
}

/** The mail of a template; fails when another template than this one was used. */
async function mailOf(services: ComposeServices, entry: TemplateEntry, reader: Reader): Promise<Uint8Array> {
  const { programme, step, locale, variant } = entry;
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${programme}/${step}`);
  const events = [
    ...reader(locale),
    ...variantEvents(variant),
    ...orderEvents(placed, reader),
    ...caseEvents(placed, variant),
  ];
  const known = { ...customerAfter(events, NOW, {}, SHIPPED), ...remembered(placed, '') };
  const key = formatKey({ life: 1, programme, step, round: 0, episode: episodeOf(known, placed) });
  const customer = { ...known, ...remembered(placed, key) };
  for (const each of events) await services.store.journal(each);
  const cause = events.at(-1);
  const pending = { moment: NOW, decidedAt: NOW, attempt: 1, ...(cause && { cause: cause.id }) };
  const hash = addressHash(KEYS.current, 'anna@example.com');
  const mail = await composeMail(services, customer, key, pending, placed, hash, NOW);
  const wanted = `${programme}/${step}${variant === undefined ? '' : `@${variant}`}:${locale}`;
  const used = `${mail.template}:${mail.locale}`;
  if (used !== wanted) throw new Error(`${used} was used instead of ${wanted}`);
  return mail.raw;
}

async function writeAll(directory: string): Promise<number> {
  const release = openRelease(await compiledRelease(CONTENT));
  const { sender, replyTo } = stageConfig('prod');
  const shared = { release, playbook: SHIPPED, sender, replyTo, linkBase: LINK_BASE, linkKeys: async () => KEYS };
  await mkdir(directory, { recursive: true });
  let written = 0;
  for (const entry of release.templates) {
    for (const [kind, reader] of Object.entries({ rich, brief, bare })) {
      // Each reader has a journal of their own: the events of all have the same ids.
      const raw = await mailOf({ ...shared, store: new MemoryStore() }, entry, reader);
      const { programme, step, variant, locale } = entry;
      const name = [programme, step, variant, locale, kind].filter((part) => part !== undefined).join('.');
      await writeFile(join(directory, `${name}.eml`), raw);
      written += 1;
    }
  }
  return written;
}

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('usage: write-mails.ts DIRECTORY');
process.stdout.write(`${await writeAll(directory)} mails of ${CUSTOMER} written to ${directory}\n`);
