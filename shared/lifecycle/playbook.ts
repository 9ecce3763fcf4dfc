/** The playbook as the core reads it: stages, traits, programmes, steps, offers, caps and hours, in milliseconds and minor units. */
import type { ParsedPlaybook } from './playbook/parse-playbook.ts';
import type { Programme, Series, Step } from './playbook/series.ts';
import type { StagePolicy } from './stage.ts';

export type Playbook = Omit<ParsedPlaybook, 'stages' | '$schema'> & { readonly stages: StagePolicy };

/** A step with the series and programme it stands in. */
export interface Placed {
  readonly programme: Programme;
  readonly series: Series;
  readonly step: Step;
}

/** Finds a step by programme and step name; undefined when the playbook no longer has it. */
export function findStep(playbook: Playbook, programmeId: string, stepId: string): Placed | undefined {
  const found = playbook.programmes.find((each) => each.id === programmeId);
  if (found === undefined) return undefined;
  for (const series of found.series) {
    const step = series.steps.find((each) => each.id === stepId);
    if (step !== undefined) return { programme: found, series, step };
  }
  return undefined;
}
