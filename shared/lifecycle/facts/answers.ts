/**
 * What the reader answered to the questions in our mails: per question the latest answer by (time, id). Of more than
 * {@link QUESTIONS_KEPT} questions the most recently answered are kept: union, then truncate, so order does not matter.
 */
import { keepLatest, type Stamp } from './order-by-time.ts';

export interface Answer extends Stamp {
  readonly question: string;
  readonly answer: string;
  /** The programme and step of the mail that asked. */
  readonly programme: string;
  readonly step: string;
  /** What the mail was about, as far as that is known. */
  readonly about?: string;
}

/** Ascending by time, each question once. */
export type Answers = readonly Answer[];

/** A person is asked a few things a year; older answers are in the journal. */
export const QUESTIONS_KEPT = 10;

/** What an answer was given to: the same button, pressed again, is the same. */
export function mailOf({ programme, step, about, at }: Answer): string {
  return JSON.stringify([programme, step, about ?? at]);
}

/** Takes an answer in, whenever it arrives and however often; the same list when it says nothing new. */
export function addAnswer(answers: Answers | undefined, heard: Answer): Answers {
  return keepLatest(answers, heard, (each) => each.question === heard.question, QUESTIONS_KEPT);
}

/** The latest answer to each question, the latest last. */
export function answersOf(answers: Answers | undefined): Answers {
  return answers ?? [];
}
