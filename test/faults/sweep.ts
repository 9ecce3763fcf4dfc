/**
 * The exhaustive sweep: each scenario is played once without faults to learn its calls, and then once for each of them
 * and each way of failing there. Nothing may be broken afterwards, and whichever step was decided without the fault is
 * decided with it.
 */
import { sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import { CALL_FATES, type FateName } from './fates.ts';
import { isReading } from './named-call.ts';
import type { Mishaps } from './observer.ts';
import type { Ending, ProvingGround } from './proving-ground.ts';
import { type Scenario, troubleOf } from './scenarios.ts';

type PointFate = Extract<FateName, 'dies before' | 'dies after' | 'answer lost'>;

/** What can happen at a call that changes something. */
const OF_WRITES: readonly PointFate[] = ['dies before', 'dies after', 'answer lost'];
/** Nobody can tell a function that died after reading from one that died before. */
const OF_READS: readonly PointFate[] = ['dies before', 'answer lost'];

/** One call of one scenario and how it fails. */
export interface CrashPoint {
  readonly scenario: Scenario;
  /** As in `send PutItem MESSAGE #1`. */
  readonly point: string;
  readonly fate: PointFate;
}

export interface Finding {
  readonly about: string;
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

/** The scenario without any fault but its own. */
export function playUntouched(ground: ProvingGround, scenario: Scenario): Promise<Ending> {
  const history = { ...scenario, customerId: `${slug(scenario.name)}-untouched` };
  return ground.play(history, troubleOf(scenario));
}

/** What is wrong with a scenario before anything failed in it. */
export function untouchedViolations({ ends }: Scenario, { violations, ledger }: Ending): readonly string[] {
  const missing = ends.filter((end) => !ledger.includes(end)).map((end) => `it did not end as meant: ${end}`);
  const others = ledger.filter((end) => !ends.includes(end)).map((end) => `it was not meant to end so: ${end}`);
  return [...violations, ...missing, ...others];
}

/** Every crash point of a scenario that was played without faults. */
export function crashPointsOf(scenario: Scenario, { points }: Ending): readonly CrashPoint[] {
  return points.flatMap((point) =>
    (isReading(point) ? OF_READS : OF_WRITES).map((fate) => ({ scenario, point, fate })),
  );
}

/** @returns what is wrong after the scenario has failed at the point; undefined when nothing is */
export async function crash(
  ground: ProvingGround,
  { scenario, point, fate }: CrashPoint,
  untouched: Ending,
  ordinal: number,
): Promise<Finding | undefined> {
  const trouble = troubleOf(scenario);
  const planned: Mishaps = {
    call: (at, t) => (`${at.call.name} #${at.nth}` === point ? CALL_FATES[fate] : trouble.call?.(at, t)),
  };
  const ending = await ground.play({ ...scenario, customerId: `${slug(scenario.name)}-${ordinal}` }, planned);
  const isMet = ending.points.includes(point);
  const lost = scenario.isRace
    ? []
    : untouched.decided.filter((key) => !ending.decided.some((other) => sameStep(other, key)));
  const violations = [
    ...ending.violations,
    // What is reserved in the lane belongs to the environment that sends, and changes from one scenario to the next.
    ...(isMet || point.includes(' LANE ') ? [] : [`the point was not met`]),
    ...lost.map((key) => `I8: ${key} was not decided`),
  ];
  if (violations.length === 0) return undefined;
  return { about: `${scenario.name}: ${point} ${fate}`, violations, trace: ending.trace };
}

function slug(name: string): string {
  return name.replaceAll(/[^a-z]+/gu, '-');
}
