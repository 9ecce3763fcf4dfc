/** The intake in memory: its own code, a bus that is a list, and requests that are remembered as in the table. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { z } from 'zod';
import { Rate } from '../../functions/ingest/rate.ts';
import { takeIn } from '../../functions/ingest/take-in.ts';
import type { ForwardedEvent, Forwarder } from '../../shared/adapters/forwarder.ts';
import { MemoryRequestBook } from '../../shared/adapters/memory-request-book.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { CountingMeter } from '../support/counting-meter.ts';
import { START } from '../support/events.ts';
import { INTAKE_SECRET, type Signing, signedHeaders } from '../support/intake.ts';

const silent = new Logger({ serviceName: 'test', logLevel: 'SILENT' });

/** What a request to the function's URL may differ in. */
interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** As it goes over the wire. */
  readonly body?: string | Buffer;
  readonly base64?: boolean;
}

const answerSchema = z.looseObject({
  error: z.string().optional(),
  message: z.string().optional(),
  ids: z.array(z.string().nullable()).optional(),
  again: z.boolean().optional(),
  taken: z.unknown().optional(),
  events: z
    .array(
      z.object({
        index: z.number(),
        id: z.string().optional(),
        'detail-type': z.string().optional(),
        field: z.string(),
        expected: z.string(),
      }),
    )
    .optional(),
});

/** Requests a second that get in. */
export const RATE = 25;

export class IntakeBench {
  now: Instant = START;
  readonly bus: ForwardedEvent[] = [];
  readonly requests = new MemoryRequestBook();
  /** Functions that answer in turn. */
  rates = [new Rate(this.requests, RATE)];
  #turn = 0;
  /** Events at these positions do not get on the bus. */
  untaken: ReadonlySet<number> = new Set();
  keys = { current: INTAKE_SECRET };
  /** Keys nobody has asked for recently. */
  newestKeys: { readonly current: string; readonly previous?: string } | undefined;
  /** How often keys were asked for: no request without a signature may cost that. */
  asked = 0;
  readonly meter = new CountingMeter();

  readonly #forwarder: Forwarder = {
    forward: async (events) => {
      this.bus.push(...events.filter((_, index) => !this.untaken.has(index)));
      const left = new Set([...events.keys()].filter((index) => this.untaken.has(index)));
      return left.size === 0 ? { left } : { left, cause: new Error('throttled') };
    },
  };

  /** Sends a request as it is. */
  async request({ method = 'POST', headers = {}, body = '', base64 = false }: Sent) {
    // Only what the function reads of a request.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const event = {
      headers,
      // What is no UTF-8 Lambda replaces in text.
      body: Buffer.from(body).toString(base64 ? 'base64' : 'utf8'),
      isBase64Encoded: base64,
      requestContext: { http: { method } },
    } as LambdaFunctionURLEvent;
    const services = {
      keys: async (recent: boolean) => {
        this.asked += 1;
        return recent ? (this.newestKeys ?? this.keys) : this.keys;
      },
      requests: this.requests,
      rate: this.#rate(),
      forwarder: this.#forwarder,
      meter: this.meter,
      now: () => this.now,
    };
    const { statusCode, headers: answered = {}, body: text = '' } = await takeIn(services, event, silent);
    return { status: statusCode, headers: answered, ...answerSchema.parse(JSON.parse(text)) };
  }

  #rate(): Rate {
    this.#turn += 1;
    const rate = this.rates[this.#turn % this.rates.length];
    if (rate === undefined) throw new Error('there is no function');
    return rate;
  }

  /** Sends what is signed now with the current key. */
  send(content: unknown, signing: Partial<Signing> = {}) {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    return this.request({ headers: signedHeaders(body, { secret: INTAKE_SECRET, at: this.now, ...signing }), body });
  }
}
