/** What another cadence changes in the text of a playbook, field by field, as a marketer reads it there. */
import * as z from 'zod';

/** A line of the file that is another one afterwards; undefined: the field is not there. */
export interface Change {
  /** "stages.cadence.rule" */
  readonly field: string;
  readonly now: string | number | undefined;
  readonly next: string | number | undefined;
}

const CADENCE = 'stages.cadence.';

const changing = z.looseObject({
  stages: z.looseObject({
    cadence: z.record(z.string(), z.union([z.string(), z.number()])),
    loyal: z.looseObject({ spend: z.record(z.string(), z.number()) }),
  }),
});

/** The fields a backtest may write, by their path. */
function fieldsOf(playbookText: string): ReadonlyMap<string, string | number> {
  const { stages } = changing.parse(JSON.parse(playbookText));
  return new Map([
    ...Object.entries(stages.cadence).map(([name, value]) => [`${CADENCE}${name}`, value] as const),
    ...Object.entries(stages.loyal.spend).map(([name, value]) => [`stages.loyal.spend.${name}`, value] as const),
  ]);
}

/** @param next the same playbook with another cadence */
export function changesBetween(playbookText: string, next: string): readonly Change[] {
  const [before, after] = [fieldsOf(playbookText), fieldsOf(next)];
  const fields = [...new Set([...after.keys(), ...before.keys()])];
  // The cadence as a whole comes before what makes a loyal customer.
  const inGroups = fields.toSorted((a, b) => Number(b.startsWith(CADENCE)) - Number(a.startsWith(CADENCE)));
  return inGroups.flatMap((field) => {
    const change = { field, now: before.get(field), next: after.get(field) };
    return change.now === change.next ? [] : [change];
  });
}
