/** Which mails there are: programmes, steps and variants by languages, and how each of them stands. A pure function. */
import type { House } from '../../../../shared/email/house.ts';
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { stringsFileOf, TEMPLATES } from '../../../../shared/email/step.ts';
import type { TranslationFinding } from '../../../../shared/email/translations.ts';
import { findStep } from '../../../../shared/lifecycle/playbook.ts';
import { fileOf, type Place } from './place.ts';
import type { Tree } from './tree.ts';

export interface Cell {
  readonly place: Place;
  /** `in preparation`: in a language that the shop does not list. */
  readonly state: 'there' | 'in preparation' | 'missing';
  /** Texts that are older than their English source. */
  readonly older: number;
  /** What is wrong with it; undefined as long as nobody has looked. */
  readonly findings: number | undefined;
}

export interface Row {
  readonly programme: string;
  readonly step: string;
  readonly variant: string | undefined;
  /** Not in the playbook: nobody is ever sent it. */
  readonly unplaced: boolean;
  /** One for each language. */
  readonly cells: readonly Cell[];
}

export interface Language {
  readonly locale: string;
  /** The shop does not list it: its texts are not released. */
  readonly inPreparation: boolean;
}

export interface Coverage {
  readonly languages: readonly Language[];
  /** In the order of the playbook. */
  readonly programmes: readonly string[];
  readonly rows: readonly Row[];
}

interface Written {
  readonly programme: string;
  readonly step: string;
  readonly locale: string;
  readonly variant: string | undefined;
}

/** Every file of texts of a step. */
function writtenIn(tree: Tree): readonly Written[] {
  return [...tree.keys()].flatMap((file) => {
    const [top, programme = '', step = '', name = '', ...more] = file.split('/');
    if (top !== TEMPLATES || more.length > 0 || programme.startsWith('_')) return [];
    const found = stringsFileOf('', name);
    return found === undefined ? [] : [{ programme, step, locale: found.locale, variant: found.variant }];
  });
}

/** The languages of the shop, then those in preparation. */
export function languagesOf(tree: Tree, released: readonly string[]): readonly Language[] {
  const others = new Set(writtenIn(tree).map(({ locale }) => locale));
  for (const locale of released) others.delete(locale);
  return [
    ...released.map((locale) => ({ locale, inPreparation: false })),
    ...[...others].toSorted().map((locale) => ({ locale, inPreparation: true })),
  ];
}

/** The variants of a step that are worded in its source language, after the plain mail. */
export function variantsOf(
  tree: Tree,
  programme: string,
  step: string,
  named: readonly string[] = [],
): readonly (string | undefined)[] {
  const written = writtenIn(tree).filter((each) => each.programme === programme && each.step === step);
  const found = new Set(written.flatMap(({ variant }) => (variant === undefined ? [] : [variant])));
  const inOrder = [...named.filter((each) => found.has(each)), ...[...found].filter((each) => !named.includes(each))];
  return [undefined, ...inOrder];
}

/**
 * @param older findings about translations, of all languages
 * @param countOf how many findings a mail has; undefined when nobody has looked
 */
export function coverageOf(
  tree: Tree,
  { playbook, carried }: Pick<House, 'playbook' | 'carried'>,
  older: readonly TranslationFinding[],
  countOf: (place: Place) => number | undefined,
): Coverage {
  const languages = languagesOf(tree, carried.shop.locales);
  const olderIn = new Map<string, number>();
  for (const { file, severity } of older) {
    if (severity === 'warning') olderIn.set(file, (olderIn.get(file) ?? 0) + 1);
  }
  const planned = playbook.programmes.flatMap(({ id, series }) =>
    series.flatMap(({ steps }) => steps.map((step) => ({ programme: id, step: step.id }))),
  );
  const isPlanned = ({ programme, step }: { programme: string; step: string }) =>
    findStep(playbook, programme, step) !== undefined;
  const unplaced = [
    ...new Map(
      writtenIn(tree)
        .filter((each) => !isPlanned(each))
        .map(({ programme, step }) => [`${programme}/${step}`, { programme, step }]),
    ).values(),
  ];
  const cellOf = (place: Place, inPreparation: boolean): Cell => {
    const file = fileOf(place);
    if (!tree.has(file)) return { place, state: 'missing', older: 0, findings: undefined };
    const state = inPreparation ? 'in preparation' : 'there';
    const count = place.locale === FALLBACK_LOCALE ? 0 : (olderIn.get(file) ?? 0);
    return { place, state, older: count, findings: countOf(place) };
  };
  const rows = [...planned, ...unplaced].flatMap(({ programme, step }) =>
    variantsOf(tree, programme, step, findStep(playbook, programme, step)?.step.variants).map((variant): Row => ({
      programme,
      step,
      variant,
      unplaced: !isPlanned({ programme, step }),
      cells: languages.map(({ locale, inPreparation }) => cellOf({ programme, step, locale, variant }, inPreparation)),
    })),
  );
  return { languages, rows, programmes: [...new Set(rows.map(({ programme }) => programme))] };
}
