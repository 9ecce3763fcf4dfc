/**
 * What the reader answered to the questions in our mails: per question the latest answer by (time, id). Of more than
 * {@link QUESTIONS_KEPT} questions the most recently answered are kept: union, then truncate, so order does not matter.
 */
import { compareStamps, insertByTime, type Stamp } from './order-by-time.ts';

export interface Answer extends Stamp {
  readonly question: string;
  readonly answer: string;
  /** The programme and step of the mail that asked. */
  readonly programme: string;
  readonly step: string;
}

/** Ascending by time, each question once. */
export type Answers = readonly Answer[];

/** A person is asked a few things a year; older answers are in the journal. */
export const QUESTIONS_KEPT = 10;

/** Takes an answer in, whenever it arrives and however often; the same list when it says nothing new. */
export function addAnswer(answers: Answers, heard: Answer): Answers {
  const known = answers.find((each) => each.question === heard.question);
  if (known !== undefined && compareStamps(known, heard) >= 0) return answers;
  const others = answers.filter((each) => each !== known);
  const all = insertByTime(others, heard).slice(-QUESTIONS_KEPT);
  return all.includes(heard) ? all : answers;
}

/** The latest answer to each question, the latest last. */
export function answersOf(answers: Answers | undefined): Answers {
  return answers ?? [];
}
