/** The latest answer to "how likely are you to recommend us", 0 to 10, by (time, id). */
import type { Stamp } from './order-by-time.ts';

export interface Nps extends Stamp {
  readonly score: number;
}

/** The question of our own mails that asks for it, and its answers, s0 to s10. */
export const NPS_QUESTION = 'nps';

const SCORE = /^s(\d|10)$/u;

/** The score an answer stands for; undefined for an answer that is none. */
export function scoreOf(answer: string): number | undefined {
  const digits = SCORE.exec(answer)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
