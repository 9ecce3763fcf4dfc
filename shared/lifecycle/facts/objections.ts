/**
 * What the customer has doubts about, by its name in the content. Said again within {@link SAME_FOR} it is the same
 * objection, which is answered once; said later it is another one. What arrives late is taken in with the whole journal,
 * so the order of arrival does not matter.
 */
import { DAY, type Duration } from '../time.ts';
import { compareStamps, type Stamp } from './order-by-time.ts';

/** Its stamp is that of when it was said first. */
export interface Objection extends Stamp {
  /** Name of an objection in the content. */
  readonly value: string;
  /** When it was said last, where it was said again. */
  readonly again?: Stamp;
}

/** Ascending by when it was said last, each name once. */
export type Objections = readonly Objection[];

export interface KnownObjections {
  readonly objections?: Objections;
  /** Some have been dropped: one that is not known may be one of them. */
  readonly objectionsLeft?: true;
}

/** What the case of an objection is about begins with it, like that of an answer with its question. */
export const OBJECTION = 'objection';
/** Whoever says the same a quarter of a year later has not been convinced. */
const SAME_FOR: Duration = 90 * DAY;
/** More doubts than anybody names. */
const OBJECTIONS_KEPT = 8;

function lastSaid({ at, id, again = { at, id } }: Objection): Stamp {
  return again;
}

/** Takes an objection in; the same list when it says nothing new, undefined when only the journal can tell. */
export function addObjection(
  { objections = [], objectionsLeft }: KnownObjections,
  heard: Objection,
): Objections | undefined {
  const known = objections.find(({ value }) => value === heard.value);
  if (known === undefined && objectionsLeft) return undefined;
  const order = known === undefined ? 1 : compareStamps(heard, lastSaid(known));
  if (order === 0) return objections;
  if (order < 0) return undefined;
  const { at, id } = heard;
  const isSame = known !== undefined && at < known.at + SAME_FOR;
  const said: Objection = isSame ? { ...known, again: { at, id } } : heard;
  return [...objections.filter((each) => each !== known), said].toSorted((a, b) =>
    compareStamps(lastSaid(a), lastSaid(b)),
  );
}

/** What of them changes where there are more than are kept; nothing where there are not. */
export function trimObjections({ objections = [] }: KnownObjections): KnownObjections {
  if (objections.length <= OBJECTIONS_KEPT) return {};
  return { objections: objections.slice(-OBJECTIONS_KEPT), objectionsLeft: true };
}

/** The one that was raised last; to say one again raises none. */
export function newestObjection(objections: Objections | undefined): Objection | undefined {
  return objections?.toSorted(compareStamps).at(-1);
}
