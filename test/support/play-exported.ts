/**
 * Plays an export, given as JSON, through the whole stack and writes what became of each customer: in a process of its
 * own, for tests of whole stacks run unoptimised.
 *
 *     node --import tsx test/support/play-exported.ts EXPORTED.json OUT.json
 */
import { readFile, writeFile } from 'node:fs/promises';
import { play, stepsOf } from '../../infra/local/player/play.ts';
import { openBus } from '../../infra/local/player/tell.ts';
import { deliveriesOf, type Exported, type Outcome, outcomeOf } from './exported.ts';
import { openShop } from './shop.ts';

// Functions run in threads, which share the zone of the process and not that of their environment: on Lambda it is UTC.
process.env['TZ'] = 'UTC';

const [, , from = '', to = ''] = process.argv;
const { exported, holdout }: { exported: Exported; holdout: { share: number; salt: string } } = JSON.parse(
  await readFile(from, 'utf8'),
);
const { deliveries, start, end } = deliveriesOf(exported);
const shop = await openShop(start, { config: { holdout } });
const bus = openBus(shop.twin);
const silent = { told: () => undefined, progress: () => undefined, interrupted: new AbortController().signal };
await play(stepsOf(deliveries), 0, end, shop.twin, bus, silent);
const outcomes: Record<string, Outcome> = {};
for (const customerId of new Set(deliveries.map(({ event }) => event.customerId))) {
  const profile = await shop.store.load(customerId);
  if (profile?.kind !== 'living') throw new Error(`${customerId} is ${profile?.kind ?? 'unknown'}`);
  outcomes[customerId] = outcomeOf(profile, await shop.store.readLedger(customerId));
}
await bus.close();
await shop.close();
await writeFile(to, JSON.stringify(outcomes));
