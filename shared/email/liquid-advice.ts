/** What is wrong with a piece of Liquid, and what to do about it in the text. Build time and pages only. */
import type { LiquidError } from 'liquidjs';
import { FILTERS, TAGS } from './engine.ts';

const AN_OUTPUT = 'write {{ customer.firstName }}: a name between two braces on each side, perhaps a filter behind |';

/** By what the parser says. */
const KNOWN: readonly (readonly [found: RegExp, advice: (found: readonly string[]) => string])[] = [
  [/^output .* not closed/su, () => 'close it with }}'],
  [/^tag "\{% *(\w*).* not closed/su, () => 'close it with %}'],
  [/^tag \{%-? *(\w+).* not closed/su, ([, name = 'if']) => `write {% end${name} %} behind what it is for`],
  [
    /^tag "(else|elsif|when|end(?:if|unless|case|for))" not found/u,
    ([, name = '']) => `write {% ${name.replace(/^end(\w+)$|.*/u, '$1') || 'if'} … %} before it, or leave it out`,
  ],
  [/^tag ".*" not found/su, () => `use one of ${TAGS.join(', ')}, or leave it out`],
  [/^undefined filter/u, () => `use one of ${FILTERS.join(', ')}, or leave it out`],
  [/^illegal tag: \{%-? *for\b/u, () => 'write {% for item in order.items %}'],
  [/^expected "\|" before filter/u, () => `${AN_OUTPUT}; {% if a == b %} has two signs`],
  [/^invalid value expression/u, () => `say which value: ${AN_OUTPUT}`],
];

/** Its place in what was parsed tells nobody anything: that may have been put together of many files. */
export function liquidProblem(error: LiquidError): { readonly problem: string; readonly advice: string } {
  const problem = error.message.replace(/, line:\d+, col:\d+.*$/su, '');
  for (const [found, advice] of KNOWN) {
    const match = found.exec(problem);
    if (match !== null) return { problem, advice: advice(match) };
  }
  return { problem, advice: AN_OUTPUT };
}
