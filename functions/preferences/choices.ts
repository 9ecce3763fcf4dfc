/**
 * What the preference centre shows and takes: the reader's choices as they stand, and what has to be said and written
 * when others are sent. Only what the reader changed is said, so that sending the page unchanged says nothing.
 */
import { createHash } from 'node:crypto';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import type { Link } from '../../shared/email/links.ts';
import { blockedAt, noteOptIn, optOut, optedOutAt } from '../../shared/lifecycle/address.ts';
import { preferencesChanged } from '../../shared/lifecycle/events/preferences-changed.ts';
import { choicesOf } from '../../shared/lifecycle/facts/choices.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { choosable, optedInAt, type Reader, received } from './reader.ts';
import type { PageServices } from './services.ts';
import { statement } from './statement.ts';

/** Where a consent given here comes from, in the words of the journal. */
const CONSENT_SOURCE = 'preference centre';
/** Hexadecimal digits that tell one wording of the consent from another. */
const WORDING_LENGTH = 8;

export interface Choices {
  /** Programmes whose mail the reader gets. */
  readonly programmes: ReadonlySet<string>;
  /** One of the languages of our pages. */
  readonly language: string;
  readonly lessOften: boolean;
  readonly tailored: boolean;
  /** No mail of ours reaches this address any more, whatever is chosen. */
  readonly blocked: boolean;
}

/** The choices as they stand. */
export function choicesAt(reader: Reader, playbook: Playbook, language: string, t: Instant): Choices {
  const { pace, tailored } = choicesOf(reader.customer.facts.choices);
  return {
    programmes: received(reader, playbook, t),
    language,
    lessOften: pace === 'less',
    tailored,
    blocked: blockedAt(reader.address, t) !== undefined,
  };
}

/** Put before the names of the fields that say how the page was when the reader got it. */
export const WAS = 'was-';

/**
 * The choices of a sent form; a language we do not have is not taken.
 *
 * @param prefix {@link WAS} for the choices the reader was shown, nothing for those they made
 */
export function choicesFrom(form: URLSearchParams, prefix: string, known: Choices, services: PageServices): Choices {
  const { playbook, texts } = services;
  const language = form.get(`${prefix}language`) ?? '';
  const programmes = form.getAll(`${prefix}programme`);
  return {
    ...known,
    programmes: new Set(choosable(playbook).filter((each) => programmes.includes(each))),
    language: Object.hasOwn(texts, language) ? language : known.language,
    lessOften: form.has(`${prefix}lessOften`),
    tailored: form.has(`${prefix}tailored`),
  };
}

/**
 * What may be said by a link to another address than the person's present one, which may be in other hands by now: less,
 * never more, and no consent.
 */
export function lessOf(wanted: Choices, shown: Choices): Choices {
  return {
    ...shown,
    programmes: new Set([...wanted.programmes].filter((each) => shown.programmes.has(each))),
    lessOften: wanted.lessOften || shown.lessOften,
    tailored: wanted.tailored && shown.tailored,
  };
}

/** Names the words the reader agreed to, so that they can be found again. */
function wordingOf(words: string, language: string): string {
  return `${CONSENT_SOURCE} ${language} ${createHash('sha256').update(words).digest('hex').slice(0, WORDING_LENGTH)}`;
}

/** The latest time anything was said against promotional mail, which a new consent has to come after. */
function lastRefusal({ customer, address }: Reader, playbook: Playbook): Instant {
  const { promotion, programmes } = choicesOf(customer.facts.choices);
  const said = [promotion, ...Object.values(programmes)].map((each) => (each?.value === 'off' ? each.at : -Infinity));
  const heard = choosable(playbook).map((each) => optedOutAt(address, each) ?? -Infinity);
  return Math.max(...said, ...heard);
}

/** What a reader changed from `shown` to `wanted`, as the journal hears it at `at`; undefined when it is nothing. */
function saidBy(wanted: Choices, shown: Choices, playbook: Playbook, at: Instant, consent: string) {
  const ticked = isTicked(wanted, shown);
  const others = {
    ...(wanted.language !== shown.language && { language: wanted.language }),
    ...(wanted.lessOften !== shown.lessOften && { pace: wanted.lessOften ? 'less' : 'usual' }),
    ...(wanted.tailored !== shown.tailored && { tailored: wanted.tailored }),
  };
  const refused = refusedBy(wanted, shown, playbook);
  if (!ticked && refused.length === 0) {
    return Object.keys(others).length === 0 ? undefined : { how: 'page', ...others };
  }
  if (wanted.programmes.size === 0) return { how: 'page', promotion: 'off', ...others };
  const off = refused.map((each) => [each, 'off'] as const);
  if (!ticked) return { how: 'page', programmes: Object.fromEntries(off), ...others };
  const on = [...wanted.programmes].map((each) => [each, 'on'] as const);
  return {
    how: 'page',
    promotion: 'on',
    programmes: Object.fromEntries([...on, ...off]),
    consent: {
      marketing: 'opt_in',
      source: CONSENT_SOURCE,
      at: new Date(at).toISOString(),
      wording: wordingOf(consent, shown.language),
    },
    ...others,
  };
}

/** Whether the reader ticked a programme, and so agreed to get mail. */
function isTicked(wanted: Choices, shown: Choices): boolean {
  return [...wanted.programmes].some((each) => !shown.programmes.has(each));
}

/**
 * The programmes the reader does not want. A consent takes back every refusal before it, so together with one all of
 * them have to be said anew; otherwise only those the reader unticked.
 */
function refusedBy(wanted: Choices, shown: Choices, playbook: Playbook): readonly string[] {
  const before = isTicked(wanted, shown) ? choosable(playbook) : [...shown.programmes];
  return before.filter((each) => !wanted.programmes.has(each));
}

/**
 * Makes what the reader changed on the page hold: what they refuse at once by the address, everything in the journal.
 * The change is that from the page as it was shown, not from the profile, which may not have heard of the last one yet.
 *
 * @param shown the choices on the page that the reader sent, in the language whose words they agreed to
 * @returns whether anything was changed
 * @throws AnnouncementFailed and faults of the stores: sending the page again finishes what was left
 */
export async function saveChoices(
  services: PageServices,
  link: Link,
  reader: Reader,
  wanted: Choices,
  shown: Choices,
): Promise<boolean> {
  const { addresses, announcer, playbook, texts, now } = services;
  const t = now();
  const ticked = isTicked(wanted, shown);
  // Later than whatever it takes back, though that may be stamped some minutes ahead of our clock.
  const at = ticked
    ? Math.max(t, lastRefusal(reader, playbook) + 1)
    : Math.max(t, optedInAt(reader.customer.facts) + 1, (reader.address?.optedIn ?? -Infinity) + 1);
  const said = saidBy(wanted, shown, playbook, at, texts[shown.language]?.centre.consent ?? '');
  if (said === undefined) return false;
  const refused = refusedBy(wanted, shown, playbook);
  const ahead = ticked && at > t;
  if (refused.length > 0 || ahead) {
    await reviseAddress(addresses, link.address, (address) => {
      const noted = ahead ? noteOptIn(address, at) : address;
      if (wanted.programmes.size === 0) return optOut(noted, undefined, at);
      return refused.reduce((all, each) => optOut(all, each, at), noted);
    });
  }
  await announcer.announce([statement(link, preferencesChanged.type, at, said)]);
  return true;
}
