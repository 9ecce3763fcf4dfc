/**
 * What the reader answered to the questions in our mails. Each mail is there once, with its present answer since when it
 * was given: the same button pressed again says nothing new, and what was said in between is remembered. What arrives late
 * is taken in with the whole journal, so the order of arrival does not matter.
 */
import { type Instant, NEVER } from '../time.ts';
import { compareStamps, type Stamp } from './order-by-time.ts';

/** An answer that was given before another one to the same mail. */
interface Said extends Stamp {
  readonly answer: string;
}

/** The present answer to one mail; its stamp is that of when it was given, not of when it was said again. */
export interface Answer extends Stamp {
  readonly question: string;
  readonly answer: string;
  /** The programme and step of the mail that asked. */
  readonly programme: string;
  readonly step: string;
  /** What the mail was about, as far as that is known. */
  readonly about?: string;
  /** Which mail it was, where there may be several about the same: a complaint that was opened again, say. */
  readonly episode?: string;
  /** The answers before it to the same mail, ascending: of each the first, and the newest of all. */
  readonly before?: readonly Said[];
  /** When the same was said last, where it was said again. */
  readonly again?: Stamp;
}

/** Ascending by when something was said last, each mail once. */
export type Answers = readonly Answer[];

export interface KnownAnswers {
  readonly answers?: Answers;
  /** The newest that is no longer kept. */
  readonly answersLeft?: Stamp;
}

/** A person is asked a few things a year; older answers are in the journal. */
export const MAILS_KEPT = 12;
/** As many changes of mind about one mail as any batch of events may hold: each of them may call a person. */
const CHANGES_KEPT = 10;

/** What an answer was given to: the same button, pressed again, is the same. */
export function mailOf({ programme, step, about, episode, at }: Omit<Answer, 'answer'>): string {
  return JSON.stringify([programme, step, episode ?? about ?? at]);
}

/** Whether two answers were given to the same mail. */
export function isSameMail(a: Omit<Answer, 'answer'>, b: Omit<Answer, 'answer'>): boolean {
  return a.question === b.question && mailOf(a) === mailOf(b);
}

/** When anything was said about the mail last. */
function lastSaid({ at, id, again = { at, id } }: Answer): Stamp {
  return again;
}

function inOrder(answers: Answers): Answers {
  return answers.toSorted((a, b) => compareStamps(lastSaid(a), lastSaid(b)));
}

/** Of each answer the first, and the newest of all: adding one never brings back what was left out. */
function withoutMiddle(all: readonly Said[]): readonly Said[] {
  if (all.length <= CHANGES_KEPT) return all;
  const first = new Set(all.map(({ answer }) => all.find((each) => each.answer === answer)));
  return all.filter((each, index) => first.has(each) || index >= all.length - CHANGES_KEPT);
}

/** Takes an answer in; the same list when it is known or says nothing new, undefined when only the journal can tell. */
export function addAnswer({ answers = [], answersLeft }: KnownAnswers, heard: Answer): Answers | undefined {
  const known = answers.find((each) => isSameMail(each, heard));
  if (known === undefined) return answersLeft === undefined ? inOrder([...answers, heard]) : undefined;
  const order = compareStamps(heard, lastSaid(known));
  if (order === 0) return answers;
  if (order < 0) return undefined;
  const { at, id, answer, before = [], again: _again, ...mail } = known;
  const told: Answer =
    heard.answer === answer
      ? { ...known, again: { at: heard.at, id: heard.id } }
      : { ...mail, ...heard, before: withoutMiddle([...before, { at, id, answer }]) };
  return inOrder(answers.map((each) => (each === known ? told : each)));
}

/** What of them changes where there are more than are kept; nothing where there are not. */
export function trimAnswers({ answers = [] }: KnownAnswers): KnownAnswers {
  const last = answers.at(-MAILS_KEPT - 1);
  return last === undefined ? {} : { answers: answers.slice(-MAILS_KEPT), answersLeft: lastSaid(last) };
}

/** Whether this is the answer the mail has now, and the statement the first to say so. */
export function isNews(answers: Answers, heard: Answer): boolean {
  return answers.some((each) => isSameMail(each, heard) && compareStamps(each, heard) === 0);
}

/** The present answers, one for each mail. */
export function answersOf(answers: Answers | undefined): Answers {
  return answers ?? [];
}

/** The latest answer to a question of those that fit. */
export function latestAnswer(
  answers: Answers | undefined,
  asked: string,
  fits: (said: Answer) => boolean,
): Answer | undefined {
  let latest: Answer | undefined;
  for (const each of answers ?? []) {
    if (each.question !== asked || !fits(each)) continue;
    if (latest === undefined || compareStamps(each, latest) > 0) latest = each;
  }
  return latest;
}

/** One time an answer stood: until another was given to the same mail. */
export interface Standing {
  /** The mail, with its present answer. */
  readonly said: Answer;
  readonly answer: string;
  readonly from: Instant;
  readonly to: Instant;
  /** The event that said so. */
  readonly id: string;
  /** It had not been given to this mail before. */
  readonly isFirst: boolean;
}

/** Every answer to every mail as far as it is known, the present and those before it. */
export function standingAnswers(answers: Answers | undefined): readonly Standing[] {
  return (answers ?? []).flatMap((said) => {
    const { before = [], at, id: latest, answer: present } = said;
    const all = [...before, { at, id: latest, answer: present }];
    return all.map(({ at: from, id, answer }, index) => ({
      said,
      answer,
      from,
      id,
      to: all[index + 1]?.at ?? NEVER,
      isFirst: all.findIndex((each) => each.answer === answer) === index,
    }));
  });
}

/** Whether an answer about this may be later than an event that is heard only now. */
export function isAnsweredAfter({ answers = [], answersLeft }: KnownAnswers, about: string, heard: Stamp): boolean {
  if (answersLeft !== undefined && compareStamps(answersLeft, heard) > 0) return true;
  return answers.some((each) => each.about === about && compareStamps(lastSaid(each), heard) > 0);
}
