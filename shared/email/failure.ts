/**
 * Where in layout and texts a mail goes wrong. What is compiled has lines of its own, which nobody has written; so the layout is
 * rendered once more as it was written, its texts in place, where each line is one that somebody can open. Build time and pages
 * only.
 */
import { LiquidError } from 'liquidjs';
import type { ContentProblem } from './content-error.ts';
import { createEngine } from './engine.ts';
import { constantsOf, fill, settingsOf } from './fill.ts';
import type { House } from './house.ts';
import { SHARED, type Worded } from './step.ts';
import { PLAIN_KEYS, type Strings } from './strings.ts';
import type { View } from './view.ts';

type Place = Pick<ContentProblem, 'file' | 'line'>;

const htmlEngine = createEngine('html');
const plainEngine = createEngine('none');

const SET_TEXT = /\{\{\s*t\.(\w+)\s*\}\}/gu;
const UNDEFINED = /^undefined variable: ([^\s,]+)/u;
const LINKED = /\b(?:href|src)="(\{\{[^}]*\}\})"/gu;

/** Each in one line, so that the lines of the layout stay what they are. */
function inOneLine(strings: Strings): Strings {
  return new Map(
    [...strings].map(([key, text]) => [key, { ...text, value: text.value.replaceAll(/\s*\n\s*/gu, ' ') }]),
  );
}

/** The error that rendering ends with; undefined when it ends well. */
function errorOf(render: () => unknown): LiquidError | undefined {
  try {
    render();
    return undefined;
  } catch (error) {
    if (LiquidError.is(error)) return error;
    throw error;
  }
}

/** The name in the error, of a value that is printed and not there. */
export function missingName(error: unknown): string | undefined {
  return LiquidError.is(error) ? UNDEFINED.exec(error.message)?.[1] : undefined;
}

/** The text, or else the line of the layout, at which rendering fails for a view. */
export function placeOfFailure({ step, strings, stringsFile }: Worded, { carried }: House, view: View): Place {
  for (const key of PLAIN_KEYS) {
    const text = strings.get(key);
    if (text === undefined) continue;
    if (errorOf(() => plainEngine.parseAndRenderSync(text.value, view)) !== undefined) {
      return { file: text.file, line: text.line };
    }
  }
  const { locale } = stringsFile;
  const texts = inOneLine(strings);
  const settings = settingsOf(locale, carried.shop);
  const filled = fill(step.layout.source, texts, settings, constantsOf(locale, carried.shop));
  const error = errorOf(() => htmlEngine.parseAndRenderSync(filled, view));
  if (error === undefined) return { file: step.layout.file };
  const at = (error.token.getPosition()[0] ?? 1) - 1;
  const set = [...(step.layout.source.split('\n')[at] ?? '').matchAll(SET_TEXT)].flatMap(([, key = '']) => {
    const text = strings.get(key);
    return text === undefined ? [] : [text];
  });
  const name = missingName(error);
  const text = set.find(({ value }) => name !== undefined && value.includes(name));
  if (text !== undefined) return { file: text.file, line: text.line };
  return step.layout.origins[at] ?? { file: step.layout.file };
}

/** The value that an empty link or picture of a mail was made of, as it is written; undefined for those of a loop. */
export function emptyLink(html: string, view: View): string | undefined {
  return [...html.matchAll(LINKED)]
    .map(([, printed = '']) => printed)
    .find((printed) => {
      let shown: unknown;
      const error = errorOf(() => {
        shown = plainEngine.parseAndRenderSync(printed, view);
      });
      return error === undefined && shown === '';
    });
}

/** The longest text or line of the layout, for whoever has to shorten a mail. */
export function longestPlace({ step, strings }: Worded): Place {
  const { source, origins, file } = step.layout;
  const set = [...strings].filter(([key]) => step.texts.has(key)).map(([, text]) => text);
  const pieces: readonly (Place & { readonly length: number })[] = [
    ...set.map((text) => ({ file: text.file, line: text.line, length: text.value.length })),
    ...source.split('\n').map((line, index) => ({ ...(origins[index] ?? { file }), length: line.length })),
  ].filter((piece) => !piece.file.startsWith(`${SHARED}/`));
  const [longest] = pieces.toSorted((a, b) => b.length - a.length);
  return longest === undefined ? { file } : { file: longest.file, line: longest.line };
}
