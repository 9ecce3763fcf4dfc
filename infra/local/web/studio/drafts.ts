/**
 * Mails as their files are at this moment, compiled one by one, with everything that is wrong about them; also with texts
 * that nobody has saved. What was made of files that have not changed since is not made again.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ContentError, type ContentProblem } from '../../../../shared/email/content-error.ts';
import { settingsOf } from '../../../../shared/email/fill.ts';
import { Findings } from '../../../../shared/email/findings.ts';
import { type House, readHouse } from '../../../../shared/email/house.ts';
import { checkStrings, missingTexts } from '../../../../shared/email/lint.ts';
import { checkMails, checkTexts, type LintFinding } from '../../../../shared/email/lint-content.ts';
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { LAYOUT_FILE, readStep, type Step, type StringsFile, type Worded } from '../../../../shared/email/step.ts';
import { LONGEST_TEXT, readStrings, type Strings, TOO_LONG } from '../../../../shared/email/strings.ts';
import { type Compiled, partsOf } from '../../../../shared/email/template.ts';
import { checkTranslations, type TranslationFinding, translationsOf } from '../../../../shared/email/translations.ts';
import { tryOut } from '../../../../shared/email/try-out.ts';
import { directoryOf, fileOf, type Place, sharedFileOf } from './place.ts';
import { readTree, stampOf, type Tree } from './tree.ts';

export type Finding = Omit<LintFinding, 'mail'>;

/** Texts of one file as somebody has typed them, saved or not. */
export interface Typed {
  readonly file: string;
  readonly texts: ReadonlyMap<string, string>;
  /** Fingerprint of the file they were typed over. */
  readonly seen: string;
}

export interface Draft {
  readonly place: Place;
  /** Names what it was made of: equal ids, equal mails. */
  readonly id: string;
  /** Absent when the data files or the playbook are broken. */
  readonly house?: House;
  /** Absent when the layout is broken. */
  readonly step?: Step;
  /** The texts of the language, with those of its variant and those that all mails share. */
  readonly strings: Strings;
  /** Absent when no mail can be made. Texts that the language lacks are English. */
  readonly template?: Worded & Compiled;
  readonly findings: readonly Finding[];
}

const COMPILING = { severity: 'error', rule: 'compiling' } as const;

const NO_STRINGS: Strings = new Map();

/** What is made of some files, made anew once they have changed. */
class Remembered<T> {
  readonly #known = new Map<string, { readonly stamp: string; readonly value: Promise<T> }>();

  get(key: string, stamp: string, make: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known?.stamp === stamp) return known.value;
    const value = make();
    this.#known.set(key, { stamp, value });
    value.catch(() => this.#known.delete(key));
    return value;
  }
}

/** Data files, playbook and the words of the pages: everything that concerns all mails but the shared pieces. */
const isOfHouse = (file: string) => !file.startsWith('templates/') && !file.startsWith('translated/');
const isShared = (file: string) => file.startsWith('templates/_shared/');

/** Whether a finding is about a text that is not as it was when it was found. */
function isSettledByTyping({ file, problem }: Finding, typed: Typed | undefined): boolean {
  const [, key = ''] = /^"(\w+)" is /u.exec(problem) ?? [];
  return typed?.file === file && (typed.texts.get(key) ?? '') !== '';
}

export class Drafts {
  readonly contentDirectory: string;
  readonly #houses = new Remembered<{ readonly house?: House; readonly findings: Findings }>();
  readonly #translations = new Remembered<readonly TranslationFinding[]>();
  readonly #drafts = new Remembered<Draft>();

  constructor(contentDirectory: string) {
    this.contentDirectory = contentDirectory;
  }

  tree(): Promise<Tree> {
    return readTree(this.contentDirectory);
  }

  /** What holds for all mails, or what is wrong with it. */
  house(tree: Tree): Promise<{ readonly house?: House; readonly findings: Findings }> {
    return this.#houses.get('', stampOf(tree, isOfHouse), async () => {
      const findings = new Findings();
      const house = await findings.gather('shop.json', () => readHouse(this.contentDirectory));
      return { findings, ...(house && { house }) };
    });
  }

  /** Texts of a language that are missing or older than their source. */
  translations(tree: Tree, locale: string): Promise<readonly TranslationFinding[]> {
    const stamp = stampOf(tree, () => true);
    return this.#translations.get(locale, stamp, async () => {
      const found = new Findings();
      const read = () => translationsOf(this.contentDirectory, [locale]);
      const checked = await found.gather('templates', async () =>
        checkTranslations(this.contentDirectory, await read()),
      );
      return checked ?? found.problems.map((each) => ({ ...each, severity: 'error', locale }));
    });
  }

  /** The state of everything a mail is made of. */
  stamp(tree: Tree, place: Place): string {
    const directory = `${directoryOf(place)}/`;
    const confirmed = `translated/${place.locale}.json`;
    return stampOf(
      tree,
      (file) => isOfHouse(file) || isShared(file) || file.startsWith(directory) || file === confirmed,
    );
  }

  async draft(tree: Tree, place: Place, typed?: Typed): Promise<Draft> {
    const stamp = this.stamp(tree, place);
    const id = createHash('sha256')
      .update(JSON.stringify([place, stamp, typed && [typed.file, ...typed.texts]]))
      .digest('hex');
    return typed === undefined
      ? this.#drafts.get(fileOf(place), stamp, () => this.#made(tree, place, id, undefined))
      : this.#made(tree, place, id, typed);
  }

  /** Whatever fails, there is a draft that says so: one file does not keep anybody from the others. */
  async #made(tree: Tree, place: Place, id: string, typed: Typed | undefined): Promise<Draft> {
    const failed = new Findings();
    const draft = await failed.gather(fileOf(place), () => this.#make(tree, place, id, typed));
    if (draft !== undefined) return draft;
    return { place, id, strings: NO_STRINGS, findings: failed.problems.map((each) => ({ ...each, ...COMPILING })) };
  }

  async #make(tree: Tree, place: Place, id: string, typed: Typed | undefined): Promise<Draft> {
    const { house, findings: aboutAll } = await this.house(tree);
    const found = new Findings();
    const layout = join(directoryOf(place), LAYOUT_FILE);
    const step = house && (await found.gather(layout, () => this.#readStep(tree, house, place)));
    if (house === undefined || step === undefined) {
      const findings = [...aboutAll.problems, ...found.problems].map((each) => ({ ...each, ...COMPILING }));
      return { place, id, strings: NO_STRINGS, findings, ...(house && { house }) };
    }
    const texts = (file: string) => this.#strings(tree, file, typed, found);
    const { own, strings, shown } = await this.#layers(place, texts);
    const stringsFile: StringsFile = { locale: place.locale, variant: place.variant, file: fileOf(place) };
    const { file } = stringsFile;
    await found.gather(file, () => expectNone(checkStrings(step, strings, own, house.viewPaths)));
    // What only a translation lacks is told with the translations.
    await found.gather(file, () => expectNone(missingTexts(step, shown, file)));
    const isSound = found.problems.length === 0;
    // What follows from something that is wrong already is not told again.
    const following = new Findings();
    const template = await following.gather(layout, () => compiled({ step, stringsFile, strings: shown }, house));
    const findings: Finding[] = [];
    if (isSound) await found.gather(layout, () => following.settle());
    if (template !== undefined && isSound && missingTexts(step, strings, file).length === 0) {
      await found.gather(layout, () => tryOut(template, house));
      findings.push(...((await found.gather(layout, () => checkMails(template, house))) ?? []));
    }
    findings.push(...found.problems.map((each) => ({ ...each, ...COMPILING })), ...written(own, place, house));
    findings.push(...(await this.#aboutTranslation(tree, place, typed)));
    return { place, id, house, step, strings, findings: distinct(findings), ...(template && { template }) };
  }

  async #readStep(tree: Tree, house: House, place: Place): Promise<Step> {
    const directory = directoryOf(place);
    if (![...tree.keys()].some((file) => file.startsWith(`${directory}/`))) {
      expectNone([{ file: directory, problem: 'there is no template', advice: 'write layout.mjml and en.json there' }]);
    }
    const known = new Set([...house.viewPaths, ...settingsOf(FALLBACK_LOCALE, house.carried.shop).keys()]);
    return readStep(this.contentDirectory, house.playbook, place.programme, place.step, known);
  }

  /** The texts of a mail: its own, all it can set, and what is shown where it has none. */
  async #layers(place: Place, texts: (file: string) => Promise<Strings>) {
    const { locale, variant } = place;
    const layersOf = async (language: string) => ({
      shared: await texts(sharedFileOf(language)),
      plain: await texts(fileOf({ ...place, locale: language, variant: undefined })),
      varied: variant === undefined ? NO_STRINGS : await texts(fileOf({ ...place, locale: language })),
    });
    const { shared, plain, varied } = await layersOf(locale);
    const own: Strings = new Map([...plain, ...varied]);
    const strings: Strings = new Map([...shared, ...own]);
    if (locale === FALLBACK_LOCALE) return { own, strings, shown: strings };
    const english = await layersOf(FALLBACK_LOCALE);
    // Where there is no such variant in the language the sender uses the plain mail, and no English one.
    const source = plain.size > 0 && varied.size === 0 ? english.plain : new Map([...english.plain, ...english.varied]);
    return { own, strings, shown: new Map([...english.shared, ...source, ...strings]) };
  }

  /** The texts of a file, as they are typed or else as they are kept; none when there is no such file. */
  async #strings(tree: Tree, file: string, typed: Typed | undefined, found: Findings): Promise<Strings> {
    const kept = tree.has(file) ? await found.gather(file, () => readStrings(this.contentDirectory, file)) : undefined;
    if (typed?.file !== file) return kept ?? NO_STRINGS;
    const filled = [...typed.texts].filter(([, value]) => value !== '' && value.length <= LONGEST_TEXT);
    // A text that is not in the file yet will stand in a line of its own behind the others.
    const end = (kept?.size ?? 0) + 2;
    const typing = filled.map(
      ([key, value], index) => [key, { value, file, line: kept?.get(key)?.line ?? end + index }] as const,
    );
    const advice = 'shorten it';
    const long = [...typed.texts].filter(([, value]) => value.length > LONGEST_TEXT);
    const problems = long.map(([key]) => ({
      file,
      line: kept?.get(key)?.line,
      problem: `${key}: ${TOO_LONG}`,
      advice,
    }));
    await found.gather(file, () => expectNone(problems));
    const taken = new Set(typed.texts.keys());
    return new Map([...[...(kept ?? NO_STRINGS)].filter(([key]) => !taken.has(key)), ...typing]);
  }

  async #aboutTranslation(tree: Tree, place: Place, typed: Typed | undefined): Promise<readonly Finding[]> {
    const { locale } = place;
    if (locale === FALLBACK_LOCALE) return [];
    const confirmed = `translated/${locale}.json`;
    const files = new Set([fileOf(place), fileOf({ ...place, variant: undefined }), sharedFileOf(locale), confirmed]);
    return (await this.translations(tree, locale))
      .filter(({ file }) => files.has(file))
      .map(({ locale: _locale, ...finding }) => ({ ...finding, rule: 'translations' }))
      .filter((finding) => !isSettledByTyping(finding, typed));
  }
}

function expectNone(problems: readonly ContentProblem[]): void {
  if (problems.length > 0) throw new ContentError(problems);
}

async function compiled(worded: Worded, house: House): Promise<Worded & Compiled> {
  const { step, stringsFile } = worded;
  const { locale, variant, file } = stringsFile;
  const entry = { programme: step.programme, step: step.step, locale, file, ...(variant !== undefined && { variant }) };
  return { ...worded, entry, ...(await partsOf(worded, house)) };
}

function written(own: Strings, { locale }: Place, house: House): readonly Finding[] {
  const texts = [...own.values()].map(({ value, file, line }) => ({ locale, file, line, text: value }));
  return checkTexts(texts, house);
}

/** Errors first, each once. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const known = new Map(findings.map((each) => [`${each.file}:${each.line}:${each.problem}`, each]));
  return [...known.values()].toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}
