/**
 * EventBridge's archives: what came over a bus and matches their pattern, kept as long as they keep it, and replayed to
 * the rules of that bus. A replayed event says which replay it belongs to, and is not archived again.
 */
import { z } from 'zod';
import type { Envelope, EventRouter } from './bus.ts';
import type { Clock } from './clock.ts';
import { ServiceError } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Origin } from './origin.ts';
import type { EventPredicate } from './pattern.ts';

export interface ArchiveDefinition {
  readonly name: string;
  readonly arn: string;
  readonly busArn: string;
  readonly bus: string;
  readonly matches: EventPredicate | undefined;
  /** 0 keeps events for ever. */
  readonly retentionDays: number;
}

interface KeptEvent {
  /** Of the event, epoch milliseconds with the precision of seconds that its text has. */
  readonly at: number;
  readonly key: string;
  readonly text: string;
}

interface Kept {
  readonly definition: ArchiveDefinition;
  events: KeptEvent[];
  arrivals: number;
}

const DAY_MS = 86_400_000;
const SECOND = 1000;
/** Keys sort as numbers do up to 10^12 events. */
const KEY_DIGITS = 12;
/** Events past their time that are dropped together, so that an event costs no copy of all the others. */
const DROPPED_TOGETHER = 1000;

const envelopeSchema = z.object({
  version: z.string(),
  id: z.string(),
  'detail-type': z.string(),
  source: z.string(),
  account: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  detail: z.unknown(),
});
/** In requests of the SDKs a number; the command line sends text. */
const timestamp = z.union([
  z.number().transform((seconds) => seconds * SECOND),
  z.string().transform((text) => Date.parse(text)),
]);
const startReplaySchema = z.object({
  ReplayName: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/u),
  EventSourceArn: z.string(),
  EventStartTime: timestamp,
  EventEndTime: timestamp,
  Destination: z.object({ Arn: z.string(), FilterArns: z.array(z.string()).optional() }),
});
const replayNamed = z.object({ ReplayName: z.string() });
const archiveNamed = z.object({ ArchiveName: z.string() });
const keptReplay = z.object({
  ReplayName: z.string(),
  EventSourceArn: z.string(),
  EventStartTime: z.number(),
  EventEndTime: z.number(),
  EventLastReplayedTime: z.number().optional(),
  ReplayStartTime: z.number(),
  ReplayEndTime: z.number(),
  State: z.literal('COMPLETED'),
});
type Replay = z.infer<typeof keptReplay>;

export class Archives {
  readonly #kept: readonly Kept[];
  readonly #replays = new Map<string, Replay>();
  readonly #clock: Clock;
  readonly #journal: Journal;

  constructor(definitions: readonly ArchiveDefinition[], clock: Clock, journal: Journal) {
    this.#kept = definitions.map((definition) => ({ definition, events: [], arrivals: 0 }));
    this.#clock = clock;
    this.#journal = journal;
  }

  async restore(): Promise<void> {
    for (const kept of this.#kept) {
      for (const [key, value] of await this.#journal.read(`archive/${kept.definition.name}/`)) {
        const text = z.string().parse(value);
        kept.events.push({ at: timeOf(parsed(text)), key, text });
        kept.arrivals = Number(key);
      }
    }
    for (const [name, value] of await this.#journal.read('replay/')) this.#replays.set(name, keptReplay.parse(value));
  }

  /** Everything that comes over a bus, once. */
  keep(bus: string, envelope: Envelope): void {
    for (const kept of this.#kept) {
      const { name, bus: source, matches } = kept.definition;
      if (source !== bus || (matches !== undefined && !matches(envelope))) continue;
      kept.arrivals += 1;
      const key = String(kept.arrivals).padStart(KEY_DIGITS, '0');
      const text = JSON.stringify(envelope);
      kept.events.push({ at: timeOf(envelope), key, text });
      this.#journal.put(`archive/${name}/${key}`, text);
      this.#expire(kept, DROPPED_TOGETHER);
    }
  }

  call(operation: string, data: unknown, router: EventRouter, origin: Origin): unknown {
    switch (operation) {
      case 'ListArchives':
        return { Archives: this.#kept.map(described) };
      case 'DescribeArchive': {
        const { ArchiveName } = parse(archiveNamed, data);
        const kept = this.#kept.find(({ definition }) => definition.name === ArchiveName);
        if (kept === undefined) throw missing(`Archive ${ArchiveName} does not exist.`);
        this.#expire(kept, 1);
        return described(kept);
      }
      case 'StartReplay':
        return this.#replay(parse(startReplaySchema, data), router, origin);
      case 'DescribeReplay': {
        const { ReplayName } = parse(replayNamed, data);
        const replay = this.#replays.get(ReplayName);
        if (replay === undefined) throw missing(`Replay ${ReplayName} does not exist.`);
        return replay;
      }
      case 'ListReplays':
        return { Replays: [...this.#replays.values()] };
      default:
        throw new ServiceError(400, 'UnknownOperationException', `the local twin does not emulate events:${operation}`);
    }
  }

  /** AWS takes its time; here everything is on the bus when the answer is. */
  #replay(wanted: z.infer<typeof startReplaySchema>, router: EventRouter, origin: Origin): unknown {
    const { ReplayName, EventSourceArn, EventStartTime, EventEndTime, Destination } = wanted;
    const kept = this.#kept.find(({ definition }) => definition.arn === EventSourceArn);
    if (kept === undefined) throw missing(`Archive ${EventSourceArn} does not exist.`);
    if (this.#replays.has(ReplayName))
      throw new ServiceError(400, 'ResourceAlreadyExistsException', `Replay ${ReplayName} already exists.`);
    const { busArn, bus } = kept.definition;
    if (Destination.Arn !== busArn)
      throw new ServiceError(
        400,
        'ValidationException',
        'Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
      );
    if (EventEndTime <= EventStartTime)
      throw new ServiceError(
        400,
        'ValidationException',
        'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
      );
    this.#expire(kept, 1);
    const now = this.#clock.now();
    const events = kept.events
      .filter(({ at }) => at >= EventStartTime && at < EventEndTime)
      .toSorted((one, other) => one.at - other.at);
    const filter = Destination.FilterArns && new Set(Destination.FilterArns);
    for (const { text } of events) router.replay(bus, { ...parsed(text), 'replay-name': ReplayName }, filter, origin);
    const last = events.at(-1);
    const replay: Replay = {
      ReplayName,
      EventSourceArn,
      EventStartTime: EventStartTime / SECOND,
      EventEndTime: EventEndTime / SECOND,
      ...(last && { EventLastReplayedTime: last.at / SECOND }),
      ReplayStartTime: now / SECOND,
      ReplayEndTime: now / SECOND,
      State: 'COMPLETED',
    };
    this.#replays.set(ReplayName, replay);
    this.#journal.put(`replay/${ReplayName}`, replay);
    const { name, account, region } = placeOf(EventSourceArn, ReplayName);
    return {
      ReplayArn: `arn:aws:events:${region}:${account}:replay/${name}`,
      State: 'STARTING',
      ReplayStartTime: now / SECOND,
    };
  }

  /** Drops what is past its time once it is at least so many. */
  #expire(kept: Kept, atLeast: number): void {
    const { name, retentionDays } = kept.definition;
    if (retentionDays === 0) return;
    const oldest = this.#clock.now() - retentionDays * DAY_MS;
    if ((kept.events[atLeast - 1]?.at ?? Infinity) >= oldest) return;
    const left: KeptEvent[] = [];
    for (const event of kept.events) {
      if (event.at >= oldest) left.push(event);
      else this.#journal.delete(`archive/${name}/${event.key}`);
    }
    kept.events = left;
  }
}

function described({ definition: { name, arn, busArn, retentionDays }, events }: Kept) {
  return {
    ArchiveName: name,
    ArchiveArn: arn,
    EventSourceArn: busArn,
    State: 'ENABLED',
    RetentionDays: retentionDays,
    EventCount: events.length,
    SizeBytes: events.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
  };
}

function parsed(text: string): Envelope {
  return envelopeSchema.parse(JSON.parse(text));
}

function timeOf({ time }: Envelope): number {
  return Date.parse(time);
}

function placeOf(arn: string, name: string) {
  const [, , , region = '', account = ''] = arn.split(':');
  return { name, region, account };
}

function missing(message: string): ServiceError {
  return new ServiceError(400, 'ResourceNotFoundException', message);
}

function parse<T extends z.ZodType>(schema: T, data: unknown): z.infer<T> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw new ServiceError(400, 'ValidationException', z.prettifyError(read.error), read.error);
}
