/** Series and steps of the playbook in words: what begins them, whom they are for, what is special about them. */
import { lasting } from '../../../../shared/lifecycle/explain/when.ts';
import type { Series, Step } from '../../../../shared/lifecycle/playbook/series.ts';

/** What a series follows, as a sentence. */
export function beginningOf(series: Series): string {
  switch (series.trigger) {
    case 'stage':
      return `When somebody becomes ${series.stage.replaceAll('_', ' ')}`;
    case 'interval':
      return `Every ${lasting(series.every)}, while ${series.stages.join(', ').replaceAll('_', ' ')}`;
    case 'trait':
      return `When somebody becomes “${series.trait}”${within(series.stages)}`;
    case 'case':
      return `With each ${series.of.replaceAll('-', ' ')}${within(series.stages)}`;
    case 'campaign':
      return 'When somebody starts a campaign';
    default:
      return series satisfies never;
  }
}

const within = (stages: readonly string[] | undefined): string =>
  stages === undefined ? '' : `, as ${stages.join(', ').replaceAll('_', ' ')}`;

/** Whom a series is for, and how its steps keep apart; each in a few words. */
export function conditionsOf(series: Series): readonly string[] {
  const { if: wanted, unless, waitsFor, apart } = series;
  const untilHeard = series.trigger === 'interval' && series.untilHeardOnceLapsed;
  return [
    ...(untilHeard ? ['while lapsed only until promotional mail has gone out'] : []),
    ...(wanted === undefined ? [] : [`only for ${wanted.join(' or ')}`]),
    ...(unless === undefined ? [] : [`not for ${unless.join(', ')}`]),
    ...(waitsFor === undefined ? [] : [`waits for ${waitsFor.join(', ')} to end`]),
    ...(apart === undefined ? [] : [`${lasting(apart.every)} apart, ${apart.most} at most`]),
  ];
}

/** What is special about a step, each in a few words. */
export function particularsOf(step: Step): readonly string[] {
  return [
    ...(step.class === 'service' ? ['service'] : []),
    ...(step.if === undefined ? [] : [`only for ${step.if.join(' or ')}`]),
    ...(step.unless === undefined ? [] : [`not for ${step.unless.join(', ')}`]),
    ...(step.follows === undefined ? [] : [`only after ${step.follows}`]),
    ...(step.needs === undefined ? [] : [`needs ${step.needs.join(', ')}`]),
    ...(step.offer === undefined ? [] : [`offer ${step.offer}`]),
    ...(step.asks === undefined ? [] : [`asks “${step.asks.question}”`]),
    ...(step.variants === undefined ? [] : [`worded for ${step.variants.join(', ')}`]),
    `fresh for ${lasting(step.fresh)}`,
  ];
}
