/** What the sender of a request is told: a status a client can act on, and JSON a person can. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Refusal } from './refusal.ts';

export type Answer = APIGatewayProxyStructuredResultV2;

/** Which events of a request are on the bus. */
export interface Taken {
  readonly kind: 'taken';
  readonly ids: readonly (string | null)[];
  /** The same request had been taken before; nothing was put on the bus again. */
  readonly again: boolean;
}

/** The bus, or something else we need, did not work; nothing is wrong with the request. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly taken: readonly (string | null)[];
  readonly cause: unknown;
}

/** When to try again, seconds: the bus or the table is seldom out of order for longer. */
const RETRY_AFTER_SECONDS = 5;

/** Findings listed in an answer; whoever has more of them has one mistake in many places. */
const MOST_FINDINGS = 100;

export function answerTo(outcome: Taken | Unavailable | Refusal): Answer {
  switch (outcome.kind) {
    case 'taken':
      return answer(202, { taken: outcome.ids.length, ids: outcome.ids, again: outcome.again });
    case 'unavailable':
      return answer(
        503,
        {
          error: outcome.kind,
          message: 'Not all of it could be taken. Send the whole request again: what was taken counts once.',
          taken: outcome.taken,
        },
        { 'retry-after': String(RETRY_AFTER_SECONDS) },
      );
    case 'method-not-allowed':
      return refused(405, outcome, 'Send events by POST.', {}, { allow: 'POST' });
    case 'unsupported-type':
      return refused(415, outcome, 'Send JSON, with the header content-type: application/json.');
    case 'too-large':
      return refused(413, outcome, `Send at most ${outcome.limit} in one request.`);
    case 'unsigned':
      return refused(
        401,
        outcome,
        `The header ${outcome.header} is missing or malformed: expected ${outcome.expected}.`,
        {
          header: outcome.header,
        },
      );
    case 'expired':
      return refused(
        401,
        outcome,
        `webhook-timestamp is more than ${outcome.toleranceSeconds} seconds from our time, which the header date tells. Sign each try anew, and set the clock.`,
      );
    case 'forged':
      return refused(
        401,
        outcome,
        `The signature fits no key. Sign id, timestamp and the body as it is sent, byte by byte, joined by full stops.${outcome.isGarbled ? ' The body is not all UTF-8, as JSON has to be: encode it as UTF-8 before it is signed.' : ''}`,
      );
    case 'too-many':
      return refused(
        429,
        outcome,
        `More requests than get in at a time. Send this one again in ${outcome.retryAfterSeconds} seconds; several events fit in one request.`,
        {},
        { 'retry-after': String(outcome.retryAfterSeconds) },
      );
    case 'already-taken':
      return refused(409, outcome, 'This request was taken already; there is nothing left to do.', {
        taken: outcome.ids,
      });
    case 'id-reused':
      return refused(
        409,
        outcome,
        'A request with this webhook-id and another body was taken. Give every request an id of its own.',
      );
    case 'malformed':
      return refused(400, outcome, `The body is not what was expected: ${outcome.expected}.`);
    case 'broken-events': {
      const number = new Set(outcome.events.map(({ index }) => index)).size;
      const message = `${number} of ${outcome.of} events break their contract; none was taken. Correct them or leave them out, and send the rest.`;
      return refused(400, outcome, message, { events: outcome.events.slice(0, MOST_FINDINGS) });
    }
    default:
      return outcome satisfies never;
  }
}

function refused(
  status: number,
  { kind }: Refusal,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return answer(status, { error: kind, message, ...more }, headers);
}

function answer(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}
