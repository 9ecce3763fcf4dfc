/** Whether the mails of a series are meant for somebody in a stage and with a trait, as the playbook says it. */
import type { Series, Step } from '../../../../shared/lifecycle/playbook/series.ts';
import type { Stage } from '../../../../shared/lifecycle/stage.ts';

/** Whom the page is asked about; what is undefined may be anything. */
export interface Somebody {
  readonly stage: Stage | undefined;
  readonly trait: string | undefined;
}

/** Undefined when it fits, else why it does not. */
export function misfit(series: Series, step: Step, { stage, trait }: Somebody): string | undefined {
  const stages = stagesOf(series);
  if (stage !== undefined && stages !== undefined && !stages.includes(stage)) return `only for ${stages.join(', ')}`;
  if (trait === undefined) return undefined;
  for (const { unless = [] } of [series, step]) if (unless.includes(trait)) return `not for ${trait}`;
  const wanted = [
    ...(series.trigger === 'trait' ? [[series.trait]] : []),
    ...[series.if, step.if].filter((traits) => traits !== undefined),
  ];
  const lacking = wanted.find((traits) => !traits.includes(trait));
  return lacking === undefined ? undefined : `only for ${lacking.join(' or ')}`;
}

function stagesOf(series: Series): readonly Stage[] | undefined {
  switch (series.trigger) {
    case 'stage':
      return [series.stage];
    case 'interval':
      return series.stages;
    case 'trait':
    case 'case':
      return series.stages;
    case 'campaign':
      return undefined;
    default:
      return series satisfies never;
  }
}
