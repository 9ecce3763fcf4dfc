import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Delivery } from '../../infra/local/delivery.ts';
import { play, type Played, stepsOf } from '../../infra/local/player/play.ts';
import { showProgress } from '../../infra/local/player/progress.ts';
import { EntriesRefused, openBus } from '../../infra/local/player/tell.ts';

function delivery(at: number, customerId: string, id: string): Delivery {
  const metadata = { id, version: 1, occurredAt: new Date(at).toISOString() } as const;
  const detail = { metadata, data: { customerId } };
  return { at, event: { source: 'shop.test', detailType: 'Login Succeeded', customerId, detail } };
}

/** What happened, in order: instants the clock was moved to, steps noted, and ids told. */
async function played(deliveries: readonly Delivery[], end: number, from = 0) {
  const log: (number | string)[] = [];
  const progress: Played[] = [];
  await play(
    stepsOf(deliveries),
    from,
    end,
    { advanceTo: async (instant) => void log.push(instant) },
    { tell: async (events) => void log.push(events.map((event) => event.detail.metadata.id).join(' ')) },
    {
      told: (steps) => log.push(`step ${steps}`),
      progress: (each) => progress.push(each),
      interrupted: new AbortController().signal,
    },
  );
  return { log, progress };
}

describe('a play', () => {
  it('tells what belongs to an instant at that instant, and stands at the end afterwards', async () => {
    const { log } = await played([delivery(10, 'a', 'a1'), delivery(10, 'b', 'b1'), delivery(20, 'a', 'a2')], 50);
    expect(log).toEqual([10, 'a1 b1', 'step 1', 10, 20, 'a2', 'step 2', 20, 50]);
  });

  it('tells the next event of a customer only when everything the previous one caused is done', async () => {
    const { log } = await played(
      [delivery(10, 'a', 'a1'), delivery(10, 'a', 'a2'), delivery(10, 'b', 'b1'), delivery(10, 'a', 'a3')],
      10,
    );
    expect(log.filter((each) => !String(each).startsWith('step'))).toEqual([
      10,
      'a1 b1',
      10,
      10,
      'a2',
      10,
      10,
      'a3',
      10,
      10,
    ]);
  });

  it('tells at most ten events a request, and lets one wave of requests go out together', () => {
    const deliveries = Array.from({ length: 23 }, (_, index) => delivery(10, `c${index}`, `e${index}`));
    const steps = stepsOf(deliveries);
    expect(steps.map((step) => [step.events.length, step.settles])).toEqual([
      [10, false],
      [10, false],
      [3, true],
    ]);
    expect(steps.flatMap((step) => step.events)).toEqual(deliveries.map((each) => each.event));
  });

  it('goes on after the steps an earlier play has told', async () => {
    const { log, progress } = await played([delivery(10, 'a', 'a1'), delivery(20, 'a', 'a2')], 30, 1);
    expect(log).toEqual([20, 'a2', 'step 2', 20, 30]);
    expect(progress).toEqual([
      { told: 2, total: 2, now: 20 },
      { told: 2, total: 2, now: 30 },
    ]);
  });
});

describe('an interrupted play', () => {
  const deliveries = Array.from({ length: 5 }, (_, index) => delivery(10 * (index + 1), 'a', `e${index}`));
  const ids = deliveries.map((each) => each.event.detail.metadata.id);
  const STEP = 3;

  /** Plays twice with one bookmark; `strike` cuts the first play short. Answers what the bus took in each and how it ended. */
  async function interrupted(strike: {
    readonly advancing?: (instant: number, interrupt: () => void) => void;
    readonly telling?: (id: string, interrupt: () => void) => void;
  }) {
    let steps = 0;
    const plays: string[][] = [];
    const endings: string[] = [];
    for (const struck of [strike, {}]) {
      const taken: string[] = [];
      plays.push(taken);
      const interruption = new AbortController();
      const interrupt = (): void => interruption.abort();
      const playing = play(
        stepsOf(deliveries),
        steps,
        100,
        { advanceTo: async (instant) => struck.advancing?.(instant, interrupt) },
        {
          tell: async (events) => {
            for (const { detail } of events) {
              struck.telling?.(detail.metadata.id, interrupt);
              taken.push(detail.metadata.id);
            }
          },
        },
        { told: (count) => void (steps = count), progress: () => undefined, interrupted: interruption.signal },
      );
      endings.push(
        await playing.then(
          () => 'end',
          (error: unknown) => String(error),
        ),
      );
    }
    return { plays, endings };
  }

  it('tells a step again that the bus did not take', async () => {
    const telling = (id: string): void => {
      if (id === ids[STEP]) throw new Error('connection closed');
    };
    expect(await interrupted({ telling })).toEqual({
      plays: [ids.slice(0, STEP), ids.slice(STEP)],
      endings: ['Error: connection closed', 'end'],
    });
  });

  it('tells nothing at an instant that a closing twin did not reach, but on resuming', async () => {
    const advancing = (instant: number, interrupt: () => void): void => {
      if (instant === deliveries[STEP]?.at) interrupt();
    };
    expect(await interrupted({ advancing })).toEqual({
      plays: [ids.slice(0, STEP), ids.slice(STEP)],
      endings: ['AbortError: This operation was aborted', 'end'],
    });
  });

  it('ends after the request that is under way, which is not told again', async () => {
    const telling = (id: string, interrupt: () => void): void => {
      if (id === ids[STEP]) interrupt();
    };
    expect(await interrupted({ telling })).toEqual({
      plays: [ids.slice(0, STEP + 1), ids.slice(STEP + 1)],
      endings: ['AbortError: This operation was aborted', 'end'],
    });
  });
});

const request = z.object({
  Entries: z.array(
    z.object({ EventBusName: z.string(), Source: z.string(), DetailType: z.string(), Detail: z.string() }),
  ),
});

/** What a bus that speaks the protocol was asked for, and the index of an entry it does not take. */
let requests: z.infer<typeof request>['Entries'][] = [];
let refuse = -1;
/** Keeps the bus from answering until it resolves. */
let held: Promise<void> | undefined;

async function serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { Entries } = request.parse(await json(incoming));
  requests.push(Entries);
  await held;
  const results = Entries.map((_, index) =>
    index === refuse ? { ErrorCode: 'InternalFailure', ErrorMessage: 'no' } : { EventId: `e${index}` },
  );
  answer.setHeader('content-type', 'application/x-amz-json-1.1');
  answer.end(JSON.stringify({ Entries: results, FailedEntryCount: refuse === -1 ? 0 : 1 }));
}

describe('the bus', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((incoming, answer) => void serve(incoming, answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    requests = [];
    refuse = -1;
    held = undefined;
  });

  function bus() {
    const { port } = z.object({ port: z.number() }).parse(server.address());
    return openBus({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', busName: 'customers' });
  }

  it('gets the events in order, on the named bus', async () => {
    const events = [delivery(1, 'a', 'first').event, delivery(2, 'a', 'second').event];
    await bus().tell(events);
    const entries = requests.flat();
    expect(entries.map((entry) => JSON.parse(entry.Detail))).toEqual(events.map((event) => event.detail));
    expect(new Set(entries.map((entry) => entry.EventBusName))).toEqual(new Set(['customers']));
    expect(entries[0]).toMatchObject({ Source: 'shop.test', DetailType: 'Login Succeeded' });
  });

  it('may answer what is being told before its client is closed', async () => {
    let answer: (() => void) | undefined;
    held = new Promise((resolve) => {
      answer = resolve;
    });
    const client = bus();
    const order: string[] = [];
    const told = client.tell([delivery(1, 'a', 'first').event]).then(() => order.push('told'));
    await expect.poll(() => requests.length).toBe(1);
    const closed = client.close().then(() => order.push('closed'));
    await new Promise((resolve) => setImmediate(resolve));
    answer?.();
    await Promise.all([told, closed]);
    expect(order).toEqual(['told', 'closed']);
    expect(requests).toHaveLength(1);
  });

  it('is not believed when it counts a failed entry', async () => {
    refuse = 1;
    const events = [delivery(1, 'a', 'first').event, delivery(1, 'b', 'second').event];
    await expect(bus().tell(events)).rejects.toThrow(EntriesRefused);
    await expect(bus().tell(events)).rejects.toThrow('second: InternalFailure no');
  });
});

describe('progress', () => {
  it('says a line per tenth where there is no terminal', () => {
    const output = new PassThrough({ encoding: 'utf8' });
    const progress = showProgress(output, 'events');
    for (let told = 1; told <= 1000; told += 1) {
      progress.update({ told, total: 1000, now: Date.UTC(1998, 5, 30, 12) });
    }
    progress.stop();
    const lines = z.string().parse(output.read()).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('1998-06-30  100 of 1000 events');
    expect(lines[9]).toBe('1998-06-30  1000 of 1000 events');
  });
});
