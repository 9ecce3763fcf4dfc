/**
 * Turns a compiled template and a view into the parts of one mail. Values are escaped in the HTML part and nowhere
 * else; a value the template prints but the view lacks is an error, never an empty spot in somebody's mail.
 */
import type { Template } from 'liquidjs';
import { createEngine } from './engine.ts';
import type { ChosenTemplate, CompiledTemplate } from './release.ts';
import type { View } from './view.ts';

export interface RenderedMail {
  readonly subject: string;
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
}

/** The template wants a value that the view does not have, or went over a limit. */
export class RenderFailed extends Error {
  override readonly name = 'RenderFailed';
  constructor(templateName: string, options: ErrorOptions) {
    super(`${templateName} could not be rendered`, options);
  }
}

interface ParsedTemplate {
  readonly subject: Template[];
  readonly preheader: Template[];
  readonly html: Template[];
  readonly text: Template[];
}

const htmlEngine = createEngine('html');
const plainEngine = createEngine('none');
/** Parsing costs four times as much as rendering, so each template is parsed once per process. */
const parsed = new WeakMap<CompiledTemplate, ParsedTemplate>();

function parse(parts: CompiledTemplate): ParsedTemplate {
  const known = parsed.get(parts);
  if (known !== undefined) return known;
  const fresh = {
    subject: plainEngine.parse(parts.subject),
    preheader: plainEngine.parse(parts.preheader),
    html: htmlEngine.parse(parts.html),
    text: plainEngine.parse(parts.text),
  };
  parsed.set(parts, fresh);
  return fresh;
}

/** One line: a header field must not carry a line break. */
function oneLine(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/**
 * @throws RenderFailed
 * @example render(release.template('onboarding', 'welcome', 'en'), viewOf(input, 'en'))
 */
export function render(template: Pick<ChosenTemplate, 'name' | 'parts'>, view: View): RenderedMail {
  try {
    const { subject, preheader, html, text } = parse(template.parts);
    return {
      subject: oneLine(String(plainEngine.renderSync(subject, view))),
      preheader: oneLine(String(plainEngine.renderSync(preheader, view))),
      html: String(htmlEngine.renderSync(html, view)),
      text: String(plainEngine.renderSync(text, view)),
    };
  } catch (cause) {
    throw new RenderFailed(template.name, { cause });
  }
}
