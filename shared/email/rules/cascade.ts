/**
 * Which declarations hold for an element, as far as mails use style sheets: tags, classes, ids and attributes within each other,
 * specificity, importance, the light and the dark scheme. What else a selector can say is not judged, and has to be refused.
 */

export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface StyledElement {
  readonly tag: string;
  readonly classes: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

interface Compound {
  readonly tag: string | undefined;
  readonly classes: readonly string[];
  /** By name; an undefined value stands for any. */
  readonly attributes: readonly (readonly [name: string, value: string | undefined])[];
  /** Whether the element before it is its parent, and not just around it. */
  readonly isChild: boolean;
}

export interface Declaration {
  readonly property: string;
  readonly value: string;
  readonly isImportant: boolean;
}

interface Rule {
  readonly selector: readonly Compound[];
  readonly specificity: number;
  readonly schemes: readonly Scheme[];
  readonly declarations: readonly Declaration[];
}

export interface Sheet {
  /** The most special last, of equal ones the last. */
  readonly rules: readonly Rule[];
  /** Names of the attributes that selectors ask for. */
  readonly attributes: readonly string[];
  /** Selectors that cannot be judged, each with what it declares. */
  readonly unjudged: readonly (readonly [selector: string, declarations: readonly Declaration[]])[];
}

/** What is written between braces, or in a style attribute. */
export function declarationsIn(style: string): readonly Declaration[] {
  return style.split(';').flatMap((declaration): Declaration[] => {
    const [name = '', ...rest] = declaration.split(':');
    const property = name.trim().toLowerCase();
    const written = rest.join(':').trim().toLowerCase();
    const value = written.replace(/\s*!important$/u, '');
    return property === '' ? [] : [{ property, value, isImportant: value !== written }];
  });
}

const COMPOUND = /^([a-z][\w-]*|\*)?((?:[.#][\w-]+|\[[\w-]+(?:="[^"]*")?\]|:root)*)$/iu;
const PART = /([.#])([\w-]+)|\[([\w-]+)(?:="([^"]*)")?\]|:root/giu;

/** Undefined when it says more than can be judged. */
function compoundOf(written: string, isChild: boolean): Compound | undefined {
  const match = COMPOUND.exec(written);
  if (match === null || written === '') return undefined;
  const [, name, rest = ''] = match;
  const classes: string[] = [];
  const attributes: [string, string | undefined][] = [];
  let tag = name === '*' ? undefined : name?.toLowerCase();
  for (const [part, sign, word = '', attribute, value] of rest.matchAll(PART)) {
    if (part === ':root') tag = 'html';
    else if (sign === '.') classes.push(word);
    else if (sign === '#') attributes.push(['id', word]);
    else if (attribute !== undefined) attributes.push([attribute, value]);
  }
  return { tag, classes, attributes, isChild };
}

function selectorOf(written: string): readonly Compound[] | undefined {
  const compounds: Compound[] = [];
  let isChild = false;
  for (const word of written.replaceAll('>', ' > ').trim().split(/\s+/u)) {
    if (word === '>') {
      isChild = true;
      continue;
    }
    const compound = compoundOf(word, isChild);
    if (compound === undefined) return undefined;
    compounds.push(compound);
    isChild = false;
  }
  return compounds;
}

/** Ids before classes and attributes before tags. */
const WEIGHT = { id: 10_000, named: 100, tag: 1 } as const;

function specificityOf(selector: readonly Compound[]): number {
  return selector.reduce((sum, { tag, classes, attributes }) => {
    const ids = attributes.filter(([name]) => name === 'id').length;
    const named = classes.length + attributes.length - ids;
    return sum + ids * WEIGHT.id + named * WEIGHT.named + (tag === undefined ? 0 : WEIGHT.tag);
  }, 0);
}

const SCHEME = /^@media\s*(?:screen\s+and\s+)?\(\s*prefers-color-scheme:\s*(dark|light)\s*\)$/u;

/** Undefined for what holds on some screens only: nobody can say whether it does. */
function schemesOf(media: string): readonly Scheme[] | undefined {
  const scheme = SCHEMES.find((each) => each === SCHEME.exec(media)?.[1]);
  return scheme && [scheme];
}

/** A rule of a sheet, or a block of rules within `@media`. */
const BLOCK = /([^{}]*)\{((?:[^{}]|\{[^{}]*\})*)\}/gu;

export function parseSheet(css: string, schemes: readonly Scheme[] = SCHEMES): Sheet {
  const rules: Rule[] = [];
  const unjudged: (readonly [string, readonly Declaration[]])[] = [];
  for (const [, prelude = '', body = ''] of css.matchAll(BLOCK)) {
    const head = prelude.trim();
    if (head.startsWith('@')) {
      const only = schemesOf(head);
      const inner = parseSheet(body, only);
      unjudged.push(...inner.unjudged);
      if (only === undefined) unjudged.push(...inner.rules.map((rule) => [head, rule.declarations] as const));
      else rules.push(...inner.rules);
      continue;
    }
    const declarations = declarationsIn(body);
    for (const written of head.split(',')) {
      const selector = selectorOf(written);
      if (selector === undefined) unjudged.push([written.trim(), declarations]);
      else rules.push({ selector, specificity: specificityOf(selector), schemes, declarations });
    }
  }
  const asked = rules.flatMap(({ selector }) => selector.flatMap((each) => each.attributes.map(([name]) => name)));
  return {
    rules: rules.toSorted((a, b) => a.specificity - b.specificity),
    attributes: [...new Set(asked)],
    unjudged,
  };
}

function isMatch({ tag, classes, attributes }: Compound, element: StyledElement): boolean {
  return (
    (tag === undefined || tag === element.tag) &&
    classes.every((name) => element.classes.includes(name)) &&
    attributes.every(([name, value]) =>
      value === undefined ? Object.hasOwn(element.attributes, name) : element.attributes[name] === value,
    )
  );
}

/** @param path from the outermost element to the one that is asked about, which is at `at` */
function isSelected(
  selector: readonly Compound[],
  path: readonly StyledElement[],
  at = path.length - 1,
  last = selector.length - 1,
): boolean {
  const compound = selector[last];
  const element = path[at];
  if (compound === undefined) return true;
  if (element === undefined || !isMatch(compound, element)) return false;
  if (last === 0) return true;
  if (compound.isChild) return isSelected(selector, path, at - 1, last - 1);
  for (let around = at - 1; around >= 0; around -= 1) {
    if (isSelected(selector, path, around, last - 1)) return true;
  }
  return false;
}

/** The size in the short form, which stands before the family. */
const SIZE_IN_FONT = /(?<![\w.])\d*\.?\d+(?:px|pt|em|rem|%)/u;

/** The value of each property in each scheme that is declared for the last element of the path itself. */
export function declaredFor(
  sheet: Sheet,
  path: readonly StyledElement[],
): Readonly<Record<Scheme, ReadonlyMap<string, string>>> {
  const selecting = sheet.rules.filter(({ selector }) => isSelected(selector, path));
  const inline = declarationsIn(path.at(-1)?.attributes['style'] ?? '');
  const inScheme = (scheme: Scheme): ReadonlyMap<string, string> => {
    const matching = selecting.flatMap(({ schemes, declarations }) => (schemes.includes(scheme) ? declarations : []));
    const declared = new Map<string, string>();
    for (const isImportant of [false, true]) {
      for (const each of [...matching, ...inline]) {
        if (each.isImportant !== isImportant) continue;
        declared.set(each.property, each.value);
        // The short form sets the long one, too.
        if (each.property === 'background') declared.set('background-color', each.value);
        if (each.property === 'font') declared.set('font-size', SIZE_IN_FONT.exec(each.value)?.[0] ?? 'inherit');
      }
    }
    return declared;
  };
  return { light: inScheme('light'), dark: inScheme('dark') };
}
