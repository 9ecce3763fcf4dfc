import { describe, expect, test } from 'vitest';
import type { AlarmCondition } from '../../infra/local/contract.ts';
import { MISSING_TREATMENTS, type MissingTreatment, verdictOn } from '../../infra/local/monitoring/verdict.ts';

/** 0 is fine, X is breaching, - is missing; the latest on the right, as in CloudWatch's guide. */
function datapoints(drawn: string) {
  return drawn
    .split(' ')
    .toReversed()
    .map((each) => (each === '-' ? undefined : each === 'X'));
}

function verdict(drawn: string, of: number, missing: MissingTreatment, present: AlarmCondition) {
  return verdictOn(datapoints(drawn), { evaluationPeriods: 3, datapointsToAlarm: of, missing }, present);
}

const RETAINED = 'retained';
type Expected = AlarmCondition | typeof RETAINED;

/** The tables of "Configuring how CloudWatch alarms treat missing data": columns as in {@link MISSING_TREATMENTS}. */
describe.each<[number, readonly (readonly [string, ...Expected[]])[]]>([
  [
    3,
    [
      ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
      ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
      ['- - - - -', 'INSUFFICIENT_DATA', RETAINED, 'ALARM', 'OK'],
      ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['- - X - -', 'ALARM', RETAINED, 'ALARM', 'OK'],
    ],
  ],
  [
    2,
    [
      ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
      ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
      ['- - - X -', 'ALARM', RETAINED, 'ALARM', 'OK'],
    ],
  ],
])('%i of 3 datapoints', (of, rows) => {
  test.each(rows)('%s', (drawn, ...expected) => {
    for (const present of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
      const found = MISSING_TREATMENTS.map((missing) => verdict(drawn, of, missing, present));
      expect(found).toEqual(expected.map((each) => (each === RETAINED ? present : each)));
    }
  });
});

test('a breaching datapoint that may yet be contradicted is no alarm', () => {
  for (const drawn of ['- - - - X', '- - - X -']) expect(verdict(drawn, 3, 'missing', 'OK')).toBe('OK');
});
