/**
 * What the reader chose on our pages: whether to get promotional mail, which programmes, how often, in which language
 * and whether tailored. Each choice is the latest one by (time, id), each programme for itself.
 * Kept like the person: the list of statements, each stripped of what a later one says anew.
 *
 * An unsubscribe yields to nothing but a later explicit opt-in, so saying "on" counts from the time of the consent that
 * came with it.
 */
import type { Instant } from '../time.ts';
import type { Consent } from './consent.ts';
import { insertByTime, type Stamp } from './order-by-time.ts';
import { type Person, personOf } from './person.ts';

export const SWITCH = ['on', 'off'] as const;
export const PACES = ['usual', 'less'] as const;
type Switch = (typeof SWITCH)[number];
type Pace = (typeof PACES)[number];

interface ChoiceFields {
  /** All promotional mail. */
  readonly promotion?: Switch | undefined;
  readonly programmes?: Readonly<Record<string, Switch>> | undefined;
  readonly language?: string | undefined;
  readonly pace?: Pace | undefined;
  readonly tailored?: boolean | undefined;
}

const FIELDS = ['promotion', 'language', 'pace', 'tailored'] as const;

export type Choice = Stamp & ChoiceFields;
/** Ascending by time. */
export type Choices = readonly Choice[];

/** Programmes whose choice is remembered, those chosen last: far more than any shop has, so that no profile fills up. */
export const PROGRAMMES_KEPT = 50;

/** Keeps what no later choice says anew. */
function withoutOverwritten(choice: Choice, later: Choices): Choice | undefined {
  let kept: Choice = { at: choice.at, id: choice.id };
  for (const field of FIELDS) {
    if (choice[field] === undefined || later.some((other) => other[field] !== undefined)) continue;
    kept = { ...kept, [field]: choice[field] };
  }
  const programmes = Object.entries(choice.programmes ?? {}).filter(
    ([programme]) => !later.some((other) => Object.hasOwn(other.programmes ?? {}, programme)),
  );
  if (programmes.length > 0) kept = { ...kept, programmes: Object.fromEntries(programmes) };
  return Object.keys(kept).length > 2 ? kept : undefined;
}

/**
 * Forgets the programmes chosen longest ago, of those said in one breath the last by name. What is kept depends only on the
 * latest choice of each, so it is the same in whatever order they arrive.
 */
function withoutForgotten(choices: Choices): Choices {
  const newestFirst = choices.toReversed().flatMap(({ programmes = {} }) => Object.keys(programmes).toSorted());
  if (newestFirst.length <= PROGRAMMES_KEPT) return choices;
  const remembered = new Set(newestFirst.slice(0, PROGRAMMES_KEPT));
  return choices.flatMap(({ programmes = {}, ...rest }) => {
    const kept = Object.entries(programmes).filter(([name]) => remembered.has(name));
    const choice = kept.length === 0 ? rest : { ...rest, programmes: Object.fromEntries(kept) };
    return Object.keys(choice).length > 2 ? [choice] : [];
  });
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.at === b.at && a.id === b.id;
}

/** Takes a choice in, whenever it arrives and however often; the same list when it says nothing new. */
function choose(choices: Choices, choice: Choice): Choices {
  if (choices.some((known) => isSame(known, choice))) return choices;
  const all = insertByTime(choices, choice);
  const standing = all.flatMap((each, index) => withoutOverwritten(each, all.slice(index + 1)) ?? []);
  const kept = withoutForgotten(standing);
  return kept.length === choices.length && kept.every((each, index) => isSame(each, choices[index] ?? each))
    ? choices
    : kept;
}

/** What the choices are part of. */
interface Chosen {
  readonly choices?: Choices;
}

/** The facts with choices taken in; the same object when they say nothing new. */
export function withChoices<Facts extends Chosen>(facts: Facts, ...said: readonly Choice[]): Facts {
  const known = facts.choices ?? [];
  const choices = said.reduce((all, each) => choose(all, each), known);
  return choices === known ? facts : { ...facts, choices };
}

interface Switched {
  readonly value: Switch;
  /** When it was chosen; for "on" when the consent was given. */
  readonly at: Instant;
}

/** The choices as they stand. */
interface Standing {
  readonly promotion?: Switched;
  /** By programme id; only those that were ever chosen. */
  readonly programmes: Readonly<Record<string, Switched>>;
  readonly language?: string;
  readonly pace: Pace;
  readonly tailored: boolean;
}

/** The choices as they stand; whoever chose nothing gets the usual pace, tailored. */
export function choicesOf(choices: Choices | undefined): Standing {
  let standing: Standing = { programmes: {}, pace: 'usual', tailored: true };
  for (const { at, promotion, programmes, language, pace, tailored } of choices ?? []) {
    const switched = Object.entries(programmes ?? {}).map(([id, value]): [string, Switched] => [id, { value, at }]);
    standing = {
      ...standing,
      ...(promotion !== undefined && { promotion: { value: promotion, at } }),
      programmes: { ...standing.programmes, ...Object.fromEntries(switched) },
      ...(language !== undefined && { language }),
      ...(pace !== undefined && { pace }),
      ...(tailored !== undefined && { tailored }),
    };
  }
  return standing;
}

/**
 * Whether the reader has turned off promotional mail, all of it or that of the programme, and has not explicitly opted
 * in since. A consent from before says nothing, whenever it arrives; nor does a soft opt-in.
 */
export function optedOut(facts: Chosen & { readonly consent?: Consent }, programme: string): boolean {
  const { promotion, programmes } = choicesOf(facts.choices);
  const optedInAt = facts.consent?.marketing === 'opt_in' ? facts.consent.at : -Infinity;
  return [promotion, programmes[programme]].some((each) => each?.value === 'off' && each.at >= optedInAt);
}

/**
 * The language tag mails to this customer follow: the reader's own choice, which the shop does not override, whatever it
 * says later. A choice without a region keeps the region of the profile where both are the same language.
 */
export function localeOf(facts: Chosen & { readonly person: Person }): string | undefined {
  const { language } = choicesOf(facts.choices);
  const { locale } = personOf(facts.person);
  if (language === undefined) return locale;
  const sameLanguage = locale !== undefined && locale.toLowerCase().split(/[-_]/u)[0] === language.toLowerCase();
  return sameLanguage ? locale : language;
}
