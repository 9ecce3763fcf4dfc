/**
 * Whom a campaign is for, in words such as `stage=active trait=promoter category=tea`: conditions, all of which hold. A pure
 * function of customer, playbook and time, asked when a customer is addressed and again when the mail goes.
 */
import type { Living } from '../customer/profile.ts';
import { choicesOf, localeOf } from '../facts/choices.ts';
import { LONGEST_AUDIENCE } from '../facts/campaigns.ts';
import { lastOrder } from '../facts/orders.ts';
import type { Playbook } from '../playbook.ts';
import { stageNameOf, STAGES } from '../stage.ts';
import type { Instant } from '../time.ts';
import { factValue } from '../traits/fact-value.ts';
import { TRAITS } from '../traits/ids.ts';
import { KNOWN_FACTS, type KnownFact } from '../traits/known-facts.ts';
import { situationOf } from '../traits/situation.ts';
import { hasTrait } from '../traits/traits.ts';

/** What customers are told apart by in words; beside these every fact that is a number. */
const GROUPS = ['stage', 'trait', 'category', 'locale'] as const;
type Group = (typeof GROUPS)[number];

/** Known facts under another name here. */
type GroupedFact = Extract<KnownFact, 'stage' | 'lastCategory'>;
type NumberFact = Exclude<KnownFact, GroupedFact>;

function isNumberFact(name: string): name is NumberFact {
  return Object.hasOwn(KNOWN_FACTS, name) && name !== 'stage' && name !== 'lastCategory';
}

/** The facts an audience can compare with a number, in the order of the list. */
export const NUMBER_FACTS: readonly NumberFact[] = Object.keys(KNOWN_FACTS).filter(isNumberFact);

type Relation = '=' | '!=' | '>=' | '<=';

/** One of several values, or none of them. */
interface GroupCondition {
  readonly kind: 'group';
  readonly key: Group;
  readonly relation: '=' | '!=';
  readonly values: readonly string[];
}

interface NumberCondition {
  readonly kind: 'number';
  readonly key: NumberFact;
  readonly relation: Relation;
  readonly values: readonly number[];
}

type Condition = GroupCondition | NumberCondition;

export interface Audience {
  /** As it is written down: the same conditions in one spelling. */
  readonly text: string;
  /** All of them hold; at least one. */
  readonly conditions: readonly Condition[];
}

export type ParsedAudience =
  | { readonly kind: 'audience'; readonly audience: Audience }
  /** What is wrong, each finding with the word it is about and what was expected. */
  | { readonly kind: 'wrong'; readonly findings: readonly string[] };

/** Words apart, except within quotation marks: a category may hold a space. */
const WORDS = /(?:[^\s"]|"[^"]*")+/gu;
const CONDITION = /^(?<key>[A-Za-z]+)(?<relation>!=|>=|<=|=)(?<values>.+)$/su;
/** What stands between commas. */
const VALUES = /(?:[^,"]|"[^"]*")+/gu;
/** Says less than it costs to read; more is a list of customers, not a group. */
const MOST_CONDITIONS = 12;

/** The names of a playbook's traits: ours and the shop's own. */
export function traitsToChoose({ traits }: Pick<Playbook, 'traits'>): readonly string[] {
  return [...TRAITS, ...traits.own.map(({ id }) => id)];
}

/** Reads an audience; every word that is wrong is named with what was expected. */
export function parseAudience(text: string, playbook: Pick<Playbook, 'traits'>): ParsedAudience {
  const words = text.match(WORDS) ?? [];
  if (words.length === 0) {
    return wrong(`expected at least one condition such as stage=active; for everybody: stage=${STAGES.join(',')}`);
  }
  if (text.split('"').length % 2 === 0) return wrong(`${text}: expected a second quotation mark`);
  if (words.length > MOST_CONDITIONS) return wrong(`expected at most ${MOST_CONDITIONS} conditions`);
  const read = words.map((word) => conditionIn(word, playbook));
  const findings = read.filter((each) => typeof each === 'string');
  if (findings.length > 0) return { kind: 'wrong', findings };
  const conditions = read.filter((each) => typeof each !== 'string');
  const written = conditions.map(inWords).join(' ');
  if (written.length > LONGEST_AUDIENCE) return wrong(`expected at most ${LONGEST_AUDIENCE} characters in all`);
  return { kind: 'audience', audience: { text: written, conditions } };
}

function wrong(finding: string): ParsedAudience {
  return { kind: 'wrong', findings: [finding] };
}

/** A condition, or what is wrong with the word. */
function conditionIn(word: string, playbook: Pick<Playbook, 'traits'>): Condition | string {
  const { key = '', relation: said, values: listed = '' } = CONDITION.exec(word)?.groups ?? {};
  const relation = RELATIONS.find((each) => each === said);
  if (relation === undefined) return `${word}: expected a condition such as stage=active, orders>=2 or category!=tea`;
  const values = (listed.match(VALUES) ?? [])
    .map((each) => each.replaceAll('"', '').trim())
    .filter((each) => each !== '');
  if (values.length === 0) return `${word}: expected a value after ${relation}`;
  const group = GROUPS.find((each) => each === key);
  if (group !== undefined) return groupCondition(word, group, relation, values, playbook);
  if (isNumberFact(key)) return numberCondition(word, key, relation, values);
  return `${word}: "${key}" is nothing customers are told apart by; expected ${[...GROUPS, ...NUMBER_FACTS].join(', ')}`;
}

const RELATIONS = ['=', '!=', '>=', '<='] as const satisfies readonly Relation[];

/** A language tag as `locale` compares it; see {@link speaks}. */
const LOCALE = /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/u;

function groupCondition(
  word: string,
  key: Group,
  relation: Relation,
  values: readonly string[],
  playbook: Pick<Playbook, 'traits'>,
): Condition | string {
  if (relation !== '=' && relation !== '!=') return `${word}: expected ${key}= or ${key}!=, for it is no number`;
  switch (key) {
    case 'stage':
    case 'trait': {
      const allowed: readonly string[] = key === 'stage' ? STAGES : traitsToChoose(playbook);
      const unknown = values.find((each) => !allowed.includes(each));
      if (unknown !== undefined) return `${word}: "${unknown}" is no ${key}; expected one of ${allowed.join(', ')}`;
      return { kind: 'group', key, relation, values };
    }
    case 'category':
      return { kind: 'group', key, relation, values: values.map((each) => each.toLowerCase()) };
    case 'locale': {
      const tags = values.map((each) => each.toLowerCase().replaceAll('_', '-'));
      const unknown = tags.find((each) => !LOCALE.test(each));
      if (unknown !== undefined) return `${word}: "${unknown}" is no language; expected a tag such as sv or pt-br`;
      return { kind: 'group', key, relation, values: tags };
    }
    default:
      return key satisfies never;
  }
}

function numberCondition(
  word: string,
  key: NumberFact,
  relation: Relation,
  listed: readonly string[],
): Condition | string {
  const values = listed.map(Number);
  if (!values.every(Number.isFinite)) return `${word}: expected a number after ${relation} (${KNOWN_FACTS[key]})`;
  if (values.length > 1 && relation !== '=' && relation !== '!=')
    return `${word}: expected one number after ${relation}`;
  return { kind: 'number', key, relation, values };
}

function inWords({ key, relation, values }: Condition): string {
  const listed = values.map((each) => (/[\s,]/u.test(String(each)) ? `"${each}"` : String(each)));
  return `${key}${relation}${listed.join(',')}`;
}

/** Whether an audience asks for the language: what must not decide on an offer. */
export function asksForLocale({ conditions }: Audience): boolean {
  return conditions.some(({ key }) => key === 'locale');
}

/**
 * Whether the customer belongs to the audience at `t`. What is not known of somebody meets no condition, not even that it
 * is not something; and of whoever wants no tailored mail neither purchases nor the traits inferred from them are looked at.
 */
export function isInAudience(
  { conditions }: Audience,
  customer: Pick<Living, 'facts' | 'recent'>,
  playbook: Playbook,
  t: Instant,
): boolean {
  return conditions.every((each) => holds(each, customer, playbook, t));
}

function holds(
  condition: Condition,
  customer: Pick<Living, 'facts' | 'recent'>,
  playbook: Playbook,
  t: Instant,
): boolean {
  const { facts } = customer;
  switch (condition.kind) {
    case 'group':
      return belongs(condition, customer, playbook, t);
    case 'number':
      return compares(condition, tailoredOnly(facts, factValue(facts, playbook, condition.key, t)));
    default:
      return condition satisfies never;
  }
}

function belongs(
  { key, relation, values }: GroupCondition,
  customer: Pick<Living, 'facts' | 'recent'>,
  playbook: Playbook,
  t: Instant,
): boolean {
  const { facts } = customer;
  switch (key) {
    case 'stage':
      return meets(relation, [stageNameOf(facts, playbook.stages, t)], values);
    case 'trait': {
      const situation = situationOf(customer, playbook);
      return values.some((each) => hasTrait(situation, each, t)) === (relation === '=');
    }
    case 'category':
      return meets(relation, widerCategories(tailoredOnly(facts, lastOrder(facts.orders)?.category)[0]), values);
    case 'locale':
      return meets(relation, languagesOf(localeOf(facts)), values);
    default:
      return key satisfies never;
  }
}

/** Those that an audience asks for, in small letters. */
export function categoriesAsked({ conditions }: Audience): readonly string[] {
  return conditions.flatMap((each) => (each.kind === 'group' && each.key === 'category' ? each.values : []));
}

/** A category with those its name ends with: green tea is tea. */
export function widerCategories(category: string | undefined): readonly string[] {
  const words = category?.toLowerCase().split(' ') ?? [];
  return words.map((_word, index) => words.slice(index).join(' '));
}

/** Nothing for whoever wants no tailored mail. */
function tailoredOnly<T>({ choices }: Living['facts'], known: T | undefined): readonly T[] {
  return known === undefined || !choicesOf(choices).tailored ? [] : [known];
}

/** A tag with all that begin it: whoever speaks `sv-fi` speaks `sv`. */
function languagesOf(tag: string | undefined): readonly string[] {
  const subtags = tag?.toLowerCase().split(/[-_]/u) ?? [];
  return subtags.map((_each, index) => subtags.slice(0, index + 1).join('-'));
}

/** @param known all that describes the customer; empty when nothing is known */
function meets(relation: '=' | '!=', known: readonly string[], values: readonly string[]): boolean {
  return known.length > 0 && known.some((each) => values.includes(each)) === (relation === '=');
}

function compares({ relation, values }: NumberCondition, [known]: readonly (number | string)[]): boolean {
  if (typeof known !== 'number') return false;
  const [limit = NaN] = values;
  switch (relation) {
    case '=':
      return values.includes(known);
    case '!=':
      return !values.includes(known);
    case '>=':
      return known >= limit;
    case '<=':
      return known <= limit;
    default:
      return relation satisfies never;
  }
}
