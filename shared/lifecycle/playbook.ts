/** The playbook as the core reads it: stages, traits, programmes, steps, offers, caps and hours, in milliseconds and minor units. */
import type { ParsedPlaybook } from './playbook/parse-playbook.ts';
import type { CaseSeries, Programme, Series, Step } from './playbook/series.ts';
import type { Stage, StagePolicy } from './stage.ts';

export type Playbook = Omit<ParsedPlaybook, 'stages' | '$schema'> & { readonly stages: StagePolicy };

/** A step with the series and programme it stands in. */
export interface Placed {
  readonly programme: Programme;
  readonly series: Series;
  readonly step: Step;
}

/** By programme, then by step. */
type Steps = ReadonlyMap<string, ReadonlyMap<string, Placed>>;

/** A playbook is never changed, and its steps are looked up for every message there is. */
const stepsOf = new WeakMap<Playbook, Steps>();

function indexed({ programmes }: Playbook): Steps {
  return new Map(
    programmes.map((programme) => {
      const placed = programme.series.flatMap((series) => series.steps.map((step) => ({ programme, series, step })));
      return [programme.id, new Map(placed.map((each) => [each.step.id, each]))];
    }),
  );
}

/** Finds a step by programme and step name; undefined when the playbook no longer has it. */
export function findStep(playbook: Playbook, programmeId: string, stepId: string): Placed | undefined {
  let steps = stepsOf.get(playbook);
  if (steps === undefined) {
    steps = indexed(playbook);
    stepsOf.set(playbook, steps);
  }
  return steps.get(programmeId)?.get(stepId);
}

/** A step of a case series with all that only those have; undefined for any other. */
export function caseStepOf({ series, step }: Omit<Placed, 'programme'>): CaseSeries['steps'][number] | undefined {
  return series.trigger === 'case' ? series.steps.find(({ id }) => id === step.id) : undefined;
}

/** Whether the mails of a series can go to customers in the stage. */
export function canReach(series: Series, stage: Stage): boolean {
  switch (series.trigger) {
    case 'stage':
      return series.stage === stage;
    case 'interval':
      return series.stages.includes(stage);
    case 'trait':
    case 'case':
      return series.stages?.includes(stage) ?? true;
    case 'campaign':
      return true;
    default:
      return series satisfies never;
  }
}
