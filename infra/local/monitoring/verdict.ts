/**
 * Whether an alarm's latest datapoints mean OK or ALARM, as CloudWatch documents it in "Configuring how CloudWatch alarms
 * treat missing data": a missing datapoint is made up for by an older one before it is filled in.
 */
import type { AlarmCondition } from '../contract.ts';

export const MISSING_TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
export type MissingTreatment = (typeof MISSING_TREATMENTS)[number];

/** CloudWatch looks at more datapoints than it needs; the tables of its guide show two more. */
export const SPARE_DATAPOINTS = 2;

export interface Judgement {
  /** N: how many datapoints are looked at. */
  readonly evaluationPeriods: number;
  /** M: how many of them have to be bad. */
  readonly datapointsToAlarm: number;
  readonly missing: MissingTreatment;
}

/**
 * @param datapoints whether each is breaching, undefined when it is missing; the latest first, N and
 *   {@link SPARE_DATAPOINTS} of them
 * @param present the state the alarm is in, which it keeps where nothing speaks for another
 */
export function verdictOn(
  datapoints: readonly (boolean | undefined)[],
  { evaluationPeriods, datapointsToAlarm, missing }: Judgement,
  present: AlarmCondition,
): AlarmCondition {
  const real = datapoints.filter((each) => each !== undefined);
  const looked = real.slice(0, evaluationPeriods);
  const breaching = looked.filter(Boolean).length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  const filled = evaluationPeriods - looked.length;
  if (filled === 0) return 'OK';
  switch (missing) {
    case 'breaching':
      return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return breaching < looked.length ? 'OK' : present;
    case 'missing': {
      if (looked.length === 0) return 'INSUFFICIENT_DATA';
      if (breaching < looked.length) return 'OK';
      // What is bad and has not been contradicted for M periods counts, though it is less than M datapoints.
      const oldest = datapoints.findLastIndex((each) => each !== undefined);
      return oldest + 1 >= datapointsToAlarm ? 'ALARM' : present;
    }
    default:
      return missing satisfies never;
  }
}
