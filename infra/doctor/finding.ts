/** What an examination found, each with what to do about it, told to a person or to a program. */

/**
 * `problem`: mail does not go out, or must not, before it is put right. `warning`: it goes out, but worse, riskier or slower than it
 * could. `unknown`: nobody could be asked.
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

/** An answer of somebody who was asked, or why there is none. */
export type Answer<T> =
  { readonly kind: 'told'; readonly value: T } | { readonly kind: 'silent'; readonly why: string };

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

/** What an answer means; without one, that it is missing. */
export function judged<T>(
  about: string,
  answer: Answer<T>,
  judge: (value: T) => readonly Finding[],
): readonly Finding[] {
  if (answer.kind === 'told') return judge(answer.value);
  return [{ about, verdict: 'unknown', found: `could not be checked: ${answer.why}` }];
}

export function hasProblem(findings: readonly Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === 'problem');
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
  const summary = `${count('ok')} ok, ${count('warning')} warnings, ${count('problem')} problems, ${count('unknown')} not checked`;
  return [...lines, '', summary].join('\n');
}
