/** What a rule of the content lint looks at: one mail as one sample reader gets it, with what it was made of. */
import type { House } from '../house.ts';
import type { RenderedMail } from '../render.ts';
import type { SampleReader } from '../sample.ts';
import type { Worded } from '../step.ts';
import type { Form, View } from '../view.ts';

export interface ReadMail {
  readonly worded: Worded;
  readonly house: House;
  readonly reader: SampleReader;
  readonly form: Form;
  readonly view: View;
  readonly mail: RenderedMail;
}

export interface RuleFinding {
  readonly problem: string;
  readonly advice: string;
  /** The text of the template it is about. */
  readonly key?: string;
  /** What was found. */
  readonly words?: string;
  /** Where that begins in the HTML that was looked at; where its words stand first, when left out. */
  readonly at?: number | undefined;
  /** Where it begins in the layout, for what is found there and not in a mail; `whole` is about all of it. */
  readonly inLayout?: number | 'whole';
}

export interface MailRule {
  /** What the rule is called, as one says it: "the line in the inbox". */
  readonly name: string;
  readonly check: (read: ReadMail) => readonly RuleFinding[];
}

export function findingsIf(broken: boolean, finding: RuleFinding): readonly RuleFinding[] {
  return broken ? [finding] : [];
}
