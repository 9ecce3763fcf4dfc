/** What an examination found, each with what to do about it, told to a person or to a program. */

/**
 * `problem`: mail does not go out, or must not, before it is put right. `warning`: it goes out, but worse, riskier or slower than it
 * could. `unknown`: nobody could be asked, so it may be a problem.
 */
type Verdict = 'ok' | 'warning' | 'problem' | 'unknown';

export interface Finding {
  /** What was looked at, such as "DKIM". */
  readonly about: string;
  readonly verdict: Verdict;
  /** What is the case, in one sentence without its full stop. */
  readonly found: string;
  /** What to do, in one sentence; absent where all is well. */
  readonly fix?: string;
  /** The command that does it, ready to be typed. */
  readonly command?: string;
}

/** Somebody who was asked did not answer. */
export interface Silence {
  readonly kind: 'silent';
  readonly why: string;
  /** The name of the error, where there was one. */
  readonly code?: string;
}

export type Answer<T> = { readonly kind: 'told'; readonly value: T } | Silence;

export const ok = (about: string, found: string): Finding => ({ about, verdict: 'ok', found });

export function finding(
  verdict: 'warning' | 'problem',
  about: string,
  found: string,
  fix: string,
  command?: string,
): Finding {
  return { about, verdict, found, fix, ...(command !== undefined && { command }) };
}

/**
 * What an answer means; without one, that it is missing.
 *
 * @param fix what makes somebody answer
 */
export function judged<T>(
  about: string,
  answer: Answer<T>,
  fix: string,
  judge: (value: T) => readonly Finding[],
): readonly Finding[] {
  if (answer.kind === 'told') return judge(answer.value);
  return [{ about, verdict: 'unknown', found: `could not be checked: ${answer.why}`, fix }];
}

/** Nothing stands in the way of mail; what could not be checked may. */
export function isInOrder(findings: readonly Finding[]): boolean {
  return !findings.some(({ verdict }) => verdict === 'problem' || verdict === 'unknown');
}

const VERDICT_WIDTH = 'problem  '.length;
const ABOUT_WIDTH = 22;

/** A line for each finding, and below it what to do. */
export function told(findings: readonly Finding[]): string {
  const indent = ' '.repeat(VERDICT_WIDTH);
  const lines = findings.flatMap(({ verdict, about, found, fix, command }) => [
    `${verdict.padEnd(VERDICT_WIDTH)}${about.padEnd(ABOUT_WIDTH)}${found}`,
    ...(fix === undefined ? [] : [`${indent}→ ${fix}`]),
    ...(command === undefined ? [] : command.split('\n').map((line) => `${indent}    ${line}`)),
  ]);
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  const summary = `${count('ok')} ok, ${count('warning')} warnings, ${count('problem')} problems, ${count('unknown')} could not be checked`;
  return [...lines, '', summary].join('\n');
}
