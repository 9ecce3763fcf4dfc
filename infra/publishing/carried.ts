/**
 * What a mail shows beside its own texts: questions, the library and the other data that a release carries. Rather a message
 * too many is said to show something than one too few.
 */
import path from 'node:path/posix';
import { SHARED } from '../../shared/email/step.ts';
import type { Manifest } from '../../shared/email/release.ts';
import type { Placed } from '../../shared/lifecycle/playbook.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import type { Sources } from './sources.ts';

type Data = 'library' | 'improvements' | 'benefits' | 'suppliers' | 'objections';

/** What templates call it, and the needs of a step that are met by it. */
const DATA: Readonly<Record<Data, { readonly shownAs: RegExp; readonly needs: readonly string[] }>> = {
  library: { shownAs: printing('price|options|content|topic'), needs: ['content', 'options'] },
  improvements: { shownAs: printing('improvements'), needs: ['improvement'] },
  benefits: { shownAs: printing('benefit'), needs: ['benefit'] },
  suppliers: { shownAs: printing('supplier'), needs: [] },
  objections: { shownAs: printing('objection'), needs: [] },
};
const KINDS = ['library', 'improvements', 'benefits', 'suppliers', 'objections'] as const satisfies readonly Data[];

/** A name in Liquid, not one that follows a dot. */
function printing(names: string): RegExp {
  return new RegExp(`(?<![\\w.])(?:${names})\\b`, 'u');
}

const LIQUID = /\{\{.*?\}\}|\{%.*?%\}/gsu;
const INCLUDE = /<mj-include\s+path="(?<included>[^"]+)"(?:\s+when="(?<aspect>[^"]+)")?/gu;
const FRAME = path.join(SHARED, 'frame.mjml');
/** The frame shows these only where a step has content, or where its own layout includes the options. */
const OF_SOME: ReadonlySet<string> = new Set(['content', 'options']);

/** What of a release's data the mail of a step can show, for comparison with that of another release. */
export function carriedBy(
  { programme, step }: Placed,
  { shop, questions, ...data }: Manifest,
  sources: Sources,
): readonly unknown[] {
  // A reader of another language has another template.
  const { locales: _languages, ...house } = shop;
  const liquid = liquidOf(path.join(path.dirname(SHARED), programme.id, step.id), sources);
  return [
    house,
    step.asks === undefined ? undefined : questions[step.asks.question],
    ...KINDS.map((kind) => (shows(kind, step, liquid) ? data[kind] : undefined)),
  ];
}

function shows(kind: Data, { needs = [], content }: Step, liquid: string): boolean {
  if (kind === 'library' && content !== undefined) return true;
  return needs.some((need) => DATA[kind].needs.includes(need)) || DATA[kind].shownAs.test(liquid);
}

/** Everything between braces in the texts and layouts that the mails of a step are made of. */
function liquidOf(directory: string, sources: Sources): string {
  const files = new Set<string>();
  const add = (file: string) => {
    const text = sources[file];
    if (text === undefined || files.has(file)) return;
    files.add(file);
    for (const { groups } of text.matchAll(INCLUDE)) {
      const { included = '', aspect } = groups ?? {};
      if (aspect === undefined || !OF_SOME.has(aspect)) add(path.join(path.dirname(file), included));
    }
  };
  add(FRAME);
  for (const file of Object.keys(sources)) {
    const place = path.dirname(file);
    if (place === directory || (place === SHARED && file.endsWith('.json'))) add(file);
  }
  return [...files].flatMap((file) => sources[file]?.match(LIQUID) ?? []).join('\n');
}
