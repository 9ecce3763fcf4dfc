/** The texts of a mail as they can be edited: a field for each, with what it is for and what is wrong with it. */
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import type { Draft, Drafts, Finding, Typed } from './drafts.ts';
import { fileOf, sharedFileOf, sourceOf } from './place.ts';
import { NoTexts, readTexts, type TextsFile } from './texts-file.ts';

export interface Field {
  readonly key: string;
  readonly purpose: string;
  readonly value: string;
  /** The English text, beside a translation. */
  readonly english: string | undefined;
  /** What stands there as long as the field is empty. */
  readonly inherited: string | undefined;
  readonly older: boolean;
  readonly findings: readonly Finding[];
  /** What the file says meanwhile, where that is neither what was seen nor what is typed. */
  readonly meanwhile: string | undefined;
}

export interface TextsView {
  readonly kind: 'own' | 'shared';
  readonly file: string;
  readonly seen: string;
  readonly locale: string;
  readonly fields: readonly Field[];
  /** The file is there, and cannot be read: nothing can be edited here. */
  readonly unreadable: boolean;
}

const PURPOSES: Readonly<Record<string, string>> = {
  subject: 'The subject',
  preheader: 'What an inbox shows behind the subject',
  heading: 'The heading of the mail',
  summary: 'The whole mail, for readers who want it in brief',
  reasonOne: 'The first reason, for readers who want the reasons',
  reasonTwo: 'The second reason',
  reasonThree: 'The third reason',
  action: 'The words on the button',
  greetingNamed: 'The greeting, with a name',
  greeting: 'The greeting, without a name',
};

/** Camel case as words: "pointOneTitle" is "Point one title". */
function purposeOf(key: string): string {
  const words = key.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
  return PURPOSES[key] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const NAMED = [/^"(\w+)" is /u, /text "(\w+)"/u] as const;

/** The key of the text that a finding is about; undefined for one about something else. */
function keyOf({ file, line, problem }: Finding, form: string, lines: ReadonlyMap<number, string>): string | undefined {
  if (file !== form) return undefined;
  const named = NAMED.map((pattern) => pattern.exec(problem)?.[1]).find((key) => key !== undefined);
  return (line === undefined ? undefined : lines.get(line)) ?? named;
}

/** Where in the page a finding can be mended; undefined when it is in no text of the page. */
export function anchorOf(finding: Finding, forms: readonly TextsView[]): string | undefined {
  for (const { kind, fields } of forms) {
    const field = fields.find(({ findings }) => findings.includes(finding));
    if (field !== undefined) return `${kind}-${field.key}`;
  }
  return undefined;
}

/** A file of texts as it is kept; one that cannot be read counts as empty and is marked. */
async function kept(contentDirectory: string, file: string): Promise<TextsFile & { readonly unreadable: boolean }> {
  try {
    return { ...(await readTexts(contentDirectory, file)), unreadable: false };
  } catch (error) {
    if (!(error instanceof NoTexts)) throw error;
    return { file, seen: '', texts: new Map(), unreadable: true };
  }
}

/** The fields for the mail's own texts, and those for what all mails of the language share. */
export async function textsOf(
  { contentDirectory }: Drafts,
  draft: Draft,
  typed: Typed | undefined,
  conflict: boolean,
): Promise<readonly TextsView[]> {
  const { place, step } = draft;
  const read = (file: string) => kept(contentDirectory, file);
  const english = sourceOf(place);
  const [own, plain, englishOwn, englishPlain, shared, englishShared] = await Promise.all([
    read(fileOf(place)),
    read(fileOf({ ...place, variant: undefined })),
    read(fileOf(english)),
    read(fileOf({ ...english, variant: undefined })),
    read(sharedFileOf(place.locale)),
    read(sharedFileOf(FALLBACK_LOCALE)),
  ]);
  const isVariant = place.variant !== undefined;
  const source = new Map([...englishPlain.texts, ...englishOwn.texts]);
  const used = [...englishShared.texts.keys()].filter((key) => step === undefined || step.texts.has(key));
  const form = (
    kind: TextsView['kind'],
    file: typeof own,
    keys: Iterable<string>,
    inherited: ReadonlyMap<string, string>,
    from: ReadonlyMap<string, string>,
  ) => view({ kind, draft, file, keys, inherited, from, typed, conflict });
  return [
    form('own', own, new Set([...source.keys(), ...own.texts.keys()]), isVariant ? plain.texts : new Map(), source),
    form('shared', shared, used, new Map(), englishShared.texts),
  ];
}

interface Parts {
  readonly kind: TextsView['kind'];
  readonly draft: Draft;
  readonly file: TextsFile & { readonly unreadable: boolean };
  readonly keys: Iterable<string>;
  readonly inherited: ReadonlyMap<string, string>;
  readonly from: ReadonlyMap<string, string>;
  readonly typed: Typed | undefined;
  readonly conflict: boolean;
}

function isOlder({ severity, rule }: Finding): boolean {
  return severity === 'warning' && rule === 'translations';
}

function view({ kind, draft, file, keys, inherited, from, typed, conflict }: Parts): TextsView {
  const { locale } = draft.place;
  const own = [...draft.strings].filter(([, text]) => text.file === file.file);
  const lines = new Map(own.map(([key, { line }]) => [line, key]));
  const isTyped = typed?.file === file.file;
  const fields = [...keys].map((key): Field => {
    const disk = file.texts.get(key) ?? '';
    const value = isTyped ? (typed.texts.get(key) ?? disk) : disk;
    const findings = draft.findings.filter((finding) => keyOf(finding, file.file, lines) === key);
    return {
      key,
      purpose: purposeOf(key),
      value,
      english: locale === FALLBACK_LOCALE ? undefined : from.get(key),
      inherited: inherited.get(key),
      older: findings.some(isOlder),
      findings: findings.filter((finding) => !isOlder(finding)),
      meanwhile: isTyped && conflict && value !== disk ? disk : undefined,
    };
  });
  // Whoever has not been told of a change must not write over it by showing first.
  const seen = isTyped && !conflict ? typed.seen : file.seen;
  return { kind, file: file.file, seen, locale, fields, unreadable: file.unreadable };
}
