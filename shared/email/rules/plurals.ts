/** The forms that a text has for numbers: one for each that its language tells apart, and no other. */
import type { RuleFinding } from './rule.ts';

const TAG = /\{%-?\s*(?<tag>\w+)\s*(?<rest>.*?)\s*-?%\}/gsu;
const IS_PLURAL = /plural$/iu;
const QUOTED = /'([^']*)'|"([^"]*)"/gu;

/** Conditions that ask for a plural category: they cannot be held against all that there are. */
const COMPARED = /plural\s*(?:==|!=|contains)/iu;

interface Cases {
  readonly isPlural: boolean;
  readonly named: string[];
  rest: boolean;
}

/** What is wrong with the forms of a text. */
export function wrongPlurals(text: string, locale: string): readonly RuleFinding[] {
  if (!/plural/iu.test(text)) return [];
  const wanted: readonly string[] = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
  const findings: RuleFinding[] = [];
  const open: Cases[] = [];
  for (const { groups } of text.matchAll(TAG)) {
    const { tag = '', rest = '' } = groups ?? {};
    const inner = open.at(-1);
    if (tag === 'case') open.push({ isPlural: IS_PLURAL.test(rest), named: [], rest: false });
    if (tag === 'if' || tag === 'elsif' || tag === 'unless') findings.push(...comparisons(tag, rest, open));
    if (tag === 'when') inner?.named.push(...[...rest.matchAll(QUOTED)].map(([, one, two]) => one ?? two ?? ''));
    // An "else" of a condition is told from that of the case by what is open.
    if (tag === 'else' && inner !== undefined) inner.rest = true;
    if (tag === 'endif' || tag === 'endunless') open.pop();
    if (tag === 'endcase' && open.pop()?.isPlural === true && inner !== undefined)
      findings.push(...gaps(inner, wanted));
  }
  return findings;
}

function comparisons(tag: string, rest: string, open: Cases[]): readonly RuleFinding[] {
  if (tag !== 'elsif') open.push({ isPlural: false, named: [], rest: false });
  if (!COMPARED.test(rest)) return [];
  const advice = 'use {% case … %} with {% when … %}, so that no form can be missing';
  return [{ problem: `a condition about the form of a number: ${rest}`, advice }];
}

function gaps({ named, rest }: Cases, wanted: readonly string[]): readonly RuleFinding[] {
  const unknown = named.filter((each) => !wanted.includes(each));
  const missing = wanted.filter((each) => !named.includes(each) && !(each === 'other' && rest));
  const advice = `this language has the forms ${wanted.join(', ')}; {% else %} stands for other`;
  return [
    ...unknown.map((each) => ({ problem: `there is no form "${each}" of numbers`, advice })),
    ...missing.map((each) => ({ problem: `the form "${each}" of numbers is missing`, advice })),
  ];
}
