/**
 * From a signed request to events on the bus. What is answered with 202 is on the bus; what is answered otherwise can be
 * sent again, and counts once however often it is.
 */
import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import type { Forwarder } from '../../shared/adapters/forwarder.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import type { RequestBook } from '../../shared/adapters/request-book.ts';
import type { SigningKeys } from '../../shared/adapters/secrets.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';
import { loggable } from '../loggable.ts';
import { type Answer, answerTo, type Taken, type Unavailable } from './answer.ts';
import { readEvents } from './events.ts';
import type { Rate } from './rate.ts';
import { isTrouble, type Refusal } from './refusal.ts';
import { type IntakeRequest, requestFrom } from './request.ts';
import { checkUsable, isSigned } from './signature.ts';

export interface IntakeServices {
  /** @param recent they have to be the newest: those that were kept do not fit */
  readonly keys: (recent: boolean) => Promise<SigningKeys>;
  readonly requests: RequestBook;
  readonly rate: Rate;
  readonly forwarder: Forwarder;
  readonly meter: Meter;
  readonly now: () => Instant;
}

/**
 * How long an id is remembered. A replay needs five minutes at most, for then its signature is too old; a sender that got
 * no answer tries again for longer.
 */
const REMEMBERED: Duration = DAY;

const SECOND: Duration = 1000;

/** Answers a request to the intake. Never throws: what is our fault is answered with 503. */
export async function takeIn(services: IntakeServices, event: LambdaFunctionURLEvent, logger: Logger): Promise<Answer> {
  const request = requestFrom(event, services.now());
  const outcome = 'kind' in request ? request : await decided(services, request);
  tell(services.meter, 'kind' in request ? undefined : request.id, outcome, logger);
  return answerTo(outcome);
}

async function decided(services: IntakeServices, request: IntakeRequest): Promise<Taken | Unavailable | Refusal> {
  try {
    return await handle(services, request);
  } catch (cause) {
    return { kind: 'unavailable', taken: [], cause };
  }
}

async function handle(services: IntakeServices, request: IntakeRequest): Promise<Taken | Unavailable | Refusal> {
  const { requests, rate, forwarder, now } = services;
  const { id, body, signedAt } = request;
  if (!(await isGenuine(services, request))) return { kind: 'forged', isGarbled: request.isGarbled };
  // Only now: who has no key cannot use up what is meant for those who have one.
  const admission = await rate.letIn(now());
  if (admission !== 'in') return { kind: 'too-many', retryAfterSeconds: Math.ceil(admission / SECOND) };

  const read = readEvents(body, now());
  if (read.kind !== 'events') return read;
  const { events, ids } = read;

  const digest = createHash('sha256').update(body).digest('base64');
  const kept = { id, digest, signedAt, forgottenAt: now() + REMEMBERED };
  const known = await requests.read(id, now());
  if (known !== undefined && known.digest !== digest) return { kind: 'id-reused' };
  // Only a holder of the key can sign the same request later: that is a sender who got no answer, and no replay.
  if (known !== undefined && signedAt <= known.signedAt) return { kind: 'already-taken', ids };
  if (known === undefined) {
    const { left, cause } = await forwarder.forward(events);
    if (left.size > 0) return { kind: 'unavailable', taken: ids.filter((_, index) => !left.has(index)), cause };
  }
  // After the bus has it: who dies between the two is asked once more, and the events' own ids make them count once.
  await requests.keep(kept);
  return { kind: 'taken', ids, again: known !== undefined };
}

/** @throws UnusableKey when it cannot be known, since a key is none */
async function isGenuine({ keys }: IntakeServices, request: IntakeRequest): Promise<boolean> {
  const { signatures } = request;
  if (isSigned(request, signatures, await keys(false))) return true;
  // Right after a rotation a sender may sign with a key that is not known here yet.
  const recent = await keys(true);
  if (isSigned(request, signatures, recent)) return true;
  checkUsable(recent);
  return false;
}

/** One line per request, with ids and no content. */
function tell(
  meter: Meter,
  requestId: string | undefined,
  outcome: Taken | Unavailable | Refusal,
  logger: Logger,
): void {
  if (outcome.kind === 'taken') {
    logger.info('request taken', { requestId, events: outcome.ids.length, again: outcome.again });
    return;
  }
  if (outcome.kind === 'unavailable') {
    logger.error('request not taken', { requestId, error: loggable(outcome.cause) });
    return;
  }
  const events =
    outcome.kind === 'broken-events'
      ? outcome.events.map(({ index, id, field, expected }) => ({ index, id, field, expected }))
      : undefined;
  logger.warn('request refused', { requestId, why: outcome.kind, events });
  if (isTrouble(outcome)) meter.count(METRIC.intakeRefused, { why: outcome.kind });
}
