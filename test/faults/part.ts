/** A process of its own with a twin of its own: plays its share of the sweep, or some random histories. */
import { readFileSync } from 'node:fs';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { type Ending, ProvingGround } from './proving-ground.ts';
import { randomHistory, randomMishaps, stretchOf } from './random-history.ts';
import { SCENARIOS } from './scenarios.ts';
import { crash, crashPointsOf, type Finding, playUntouched, untouchedViolations } from './sweep.ts';

/** What a part is asked to do. */
export type Task =
  | {
      readonly kind: 'sweep';
      /** Of all crash points the ones with this remainder: the work is shared by remainders. */
      readonly remainder: number;
      readonly divisor: number;
      /** Only crash points in whose description this occurs. */
      readonly about: string;
    }
  | { readonly kind: 'histories'; readonly seed: number; readonly from: number; readonly to: number };

/** What a part tells its parent, again and again; the counts are what came since the last time. */
export interface Progress {
  /** Crash points that were met, by function. */
  readonly points: Readonly<Record<string, number>>;
  readonly histories: number;
  readonly faults: number;
  readonly mishaps: number;
  readonly findings: readonly Finding[];
}

const NOTHING: Progress = { points: {}, histories: 0, faults: 0, mishaps: 0, findings: [] };

type Tell = (progress: Progress) => void;

const PLAYBOOK = new URL('../../shared/content/playbook.json', import.meta.url);

export function playbookOfTheShop() {
  return parsePlaybook(JSON.parse(readFileSync(PLAYBOOK, 'utf8')));
}

/** Does the task, telling after each history what came of it. */
export async function work(task: Task, tell: Tell): Promise<void> {
  const start = task.kind === 'histories' ? stretchOf(task.from) : undefined;
  const ground = await ProvingGround.open(playbookOfTheShop(), start);
  try {
    if (task.kind === 'sweep') await sweep(ground, task, tell);
    else await play(ground, task, tell);
  } finally {
    await ground.close();
  }
}

async function sweep(
  ground: ProvingGround,
  { remainder, divisor, about }: Extract<Task, { kind: 'sweep' }>,
  tell: Tell,
): Promise<void> {
  let ordinal = 0;
  for (const scenario of SCENARIOS) {
    const untouched = await playUntouched(ground, scenario);
    const violations = untouchedViolations(scenario, untouched);
    const broken = { about: `${scenario.name}: untouched`, violations, trace: untouched.trace };
    if (violations.length > 0) tell({ ...NOTHING, findings: [broken] });
    for (const crashPoint of crashPointsOf(scenario, untouched)) {
      ordinal += 1;
      const { point, fate } = crashPoint;
      if (ordinal % divisor !== remainder || !`${scenario.name}: ${point} ${fate}`.includes(about)) continue;
      const finding = await crash(ground, crashPoint, untouched, ordinal);
      const [functionName = ''] = point.split(' ');
      tell({ ...NOTHING, points: { [functionName]: 1 }, findings: finding === undefined ? [] : [finding] });
    }
  }
}

async function play(
  ground: ProvingGround,
  { seed, from, to }: Extract<Task, { kind: 'histories' }>,
  tell: Tell,
): Promise<void> {
  for (let index = from; index < to; index += 1) {
    const history = randomHistory(seed, index);
    const ending = await ground.play(history, randomMishaps(seed, index, history), stretchOf(index));
    const { faults, mishaps } = ending;
    tell({ ...NOTHING, histories: 1, faults, mishaps, findings: findingsOf(history.name, ending) });
  }
}

function findingsOf(about: string, { violations, trace }: Ending): readonly Finding[] {
  return violations.length === 0 ? [] : [{ about, violations, trace }];
}

if (process.send !== undefined && process.argv[2] !== undefined) {
  const task: Task = JSON.parse(process.argv[2]);
  await work(task, (progress) => process.send?.(progress));
  process.disconnect();
}
