/** What lies in a dead-letter queue, looked at and put in words; what nobody could see is told as well. */
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Copies } from './copies.ts';
import { hiddenSecondsOf, type Queues } from './queues.ts';
import { type Filter, isMeant, lookInto, type Sighting } from './redrive.ts';

/** Reasons in the summary, the most frequent first. */
const SUMMED = 12;
const MINUTE_SECONDS = 60;

export interface Look {
  readonly meant: readonly Sighting[];
  /** Messages that were looked at. */
  readonly all: number;
  /** How many SQS had to hand out, about. */
  readonly waiting: number;
  /** How many somebody else kept from us, about. */
  readonly hidden: number;
}

interface Looking {
  readonly queue: string;
  readonly filter: Filter;
  readonly now: Instant;
  /** Where what is meant is copied to. */
  readonly copies?: Copies | undefined;
}

/** @param told how many were looked at, and of how many */
export async function lookAt(
  queues: Queues,
  { queue, filter, now, copies }: Looking,
  told: (count: number, of: number) => void = () => undefined,
): Promise<Look> {
  const { waiting, hidden } = await queues.depthOf(queue);
  const meant: Sighting[] = [];
  let all = 0;
  await lookInto(
    queues,
    queue,
    async (letters) => {
      all += letters.length;
      const some = letters.filter((each) => isMeant(each, filter, now));
      await copies?.add(some);
      for (const { body: _body, attributes: _attributes, event: _event, ...sighting } of some) meant.push(sighting);
    },
    (count) => told(count, Math.max(waiting, count)),
  );
  return { meant: meant.toSorted((one, other) => one.sentAt - other.sentAt), all, waiting, hidden };
}

/** Messages nobody could look at, if there are any. */
export function unseenInWords({ all, waiting, hidden }: Look): readonly string[] {
  const minutes = Math.ceil(hiddenSecondsOf(waiting + hidden) / MINUTE_SECONDS);
  return [
    ...(all < waiting
      ? [`SQS counts about ${plural(waiting, 'message')}, and handed out ${all}: look again later.`]
      : []),
    ...(hidden > 0
      ? [
          `About ${plural(hidden, 'message')} hidden by somebody who looks, or by a run that died: back within ${plural(minutes, 'minute')}.`,
        ]
      : []),
  ];
}

/**
 * @param stage undefined for the twin
 * @param limit messages listed one by one
 */
export function listingOf(stage: string | undefined, queue: string, look: Look, limit: number): readonly string[] {
  const { meant: letters, all, hidden } = look;
  const of = letters.length === all ? '' : ` of ${all}`;
  const unseen = unseenInWords(look);
  if (letters.length === 0) {
    const nothing = hidden > 0 ? `${queue}: nothing is to be seen.` : `${queue} is empty.`;
    return [all === 0 ? nothing : `${queue}: none${of} is meant.`, ...unseen];
  }
  const sums = new Map<string, number>();
  for (const { type, reason } of letters) sums.set(`${type}: ${reason}`, (sums.get(`${type}: ${reason}`) ?? 0) + 1);
  const frequent = [...sums].toSorted(([, one], [, other]) => other - one);
  return [
    `${queue}: ${plural(letters.length, 'message')}${of}`,
    ...unseen,
    ...frequent.slice(0, SUMMED).map(([words, count]) => `  ${String(count).padStart(6)}  ${words}`),
    ...(frequent.length > SUMMED ? [`          and ${plural(frequent.length - SUMMED, 'other reason')}`] : []),
    ...(letters.some(({ kind }) => kind === 'failed') ? [whereTheErrorsAre(stage)] : []),
    '',
    ...letters.slice(0, limit).flatMap(lineOf),
    ...(limit > 0 && letters.length > limit ? [`and ${letters.length - limit} more; --out FILE writes all`, ''] : []),
  ];
}

/** A message says nothing of what its function failed on. */
function whereTheErrorsAre(stage: string | undefined): string {
  if (stage === undefined) return 'What a function failed on stands on the page "Refused" of the twin.';
  return `What a function failed on stands in its log, with the customer as "about": saved query "Perennial/${stage}/warnings and errors".`;
}

function lineOf({ messageId, sentAt, type, customerId, reason, kind, wayBack }: Sighting): readonly string[] {
  const about = customerId === undefined ? type : `${type} of ${customerId}`;
  const back = wayBack.kind === 'queue' ? `goes back to ${wayBack.queue}` : `cannot go back: ${wayBack.why}`;
  return [`${absolute(sentAt)}  ${about}`, `  ${kind}: ${reason}`, `  ${messageId}, ${back}`, ''];
}
