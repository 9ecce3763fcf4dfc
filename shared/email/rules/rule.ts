/** What a rule of the content lint looks at: one mail as one sample reader gets it, with what it was made of. */
import type { House } from '../house.ts';
import type { SampleReader } from '../sample.ts';
import type { Checked, Compiled } from '../template.ts';
import type { Sampled } from '../try-out.ts';
import type { Form } from '../view.ts';

export interface ReadMail extends Sampled {
  readonly template: Checked & Compiled;
  readonly house: House;
  readonly reader: SampleReader;
  readonly form: Form;
}

export interface RuleFinding {
  readonly problem: string;
  readonly advice: string;
  /** The text of the template it is about. */
  readonly key?: string;
  /** What was found, to tell the line of the text or of the layout it stands on. */
  readonly words?: string;
}

export interface MailRule {
  /** What the rule is called, as one says it: "the line in the inbox". */
  readonly name: string;
  readonly check: (read: ReadMail) => readonly RuleFinding[];
}

export function findingsIf(broken: boolean, finding: RuleFinding): readonly RuleFinding[] {
  return broken ? [finding] : [];
}
