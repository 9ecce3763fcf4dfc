/** Answers to "how likely are you to recommend us", 0 to 10: the latest, by (time, id), and some before it. */
import { compareStamps, insertByTime, type Stamp } from './order-by-time.ts';

interface Answered extends Stamp {
  readonly score: number;
}

/** The latest answer. */
export interface Nps extends Answered {
  /** Those before it, ascending: a better answer does not undo at once what a worse one said. */
  readonly before?: readonly Answered[];
}

/** Asked at most every four months, nobody answers more often in any time a rule looks at. */
const ANSWERS_KEPT = 4;

/** All that are known, ascending. */
export function npsAnswers({ before = [], ...latest }: Nps): readonly Answered[] {
  return [...before, latest];
}

/** Union, then truncate, so order of arrival does not matter; the same object when the answer says nothing new. */
export function addNps(nps: Nps | undefined, heard: Answered): Nps {
  if (nps === undefined) return heard;
  const known = npsAnswers(nps);
  if (known.some((each) => compareStamps(each, heard) === 0)) return nps;
  const kept = insertByTime(known, heard).slice(-ANSWERS_KEPT);
  const newest = kept.at(-1);
  if (newest === undefined || !kept.includes(heard)) return nps;
  return { ...newest, before: kept.slice(0, -1) };
}

/** The question of our own mails that asks for it, and its answers, s0 to s10. */
export const NPS_QUESTION = 'nps';

const SCORE = /^s(\d|10)$/u;

/** The score an answer stands for; undefined for an answer that is none. */
export function scoreOf(answer: string): number | undefined {
  const digits = SCORE.exec(answer)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
