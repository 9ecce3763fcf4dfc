import { describe, expect, it } from 'vitest';
import { type DeadMessage, readDeadLetter } from '../../infra/repair/dead-letter.ts';
import { isMeant } from '../../infra/repair/redrive.ts';
import { HOUR } from '../../shared/lifecycle/time.ts';

const QUEUE = 'perennial-prod-record-dead';
const EVENT = {
  source: 'shop',
  'detail-type': 'Purchase Completed',
  detail: { metadata: { id: 'e-1' }, data: { customerId: 'c-1', total: -1 } },
};

function message(body: unknown, attributes: Record<string, string> = {}): DeadMessage {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { messageId: 'm-1', body: text, attributes, sentAt: 0 };
}

function refusal(original: string, more = {}) {
  const reason = 'data.total: expected a sum';
  const data = { reason, field: 'data.total', expected: 'expected a sum', original, ...more };
  return { source: 'perennial', 'detail-type': 'Event Refused', detail: { metadata: {}, data } };
}

describe('a dead letter', () => {
  it('that was refused names the reason and the event inside, and goes back to be judged again', () => {
    const letter = readDeadLetter(QUEUE, message(refusal(JSON.stringify(EVENT))));
    expect(letter).toMatchObject({
      kind: 'refused',
      type: 'Purchase Completed',
      customerId: 'c-1',
      reason: 'data.total: expected a sum',
      event: EVENT,
      wayBack: { kind: 'queue', queue: 'perennial-prod-record' },
    });
  });

  it('whose original was cut cannot go back', () => {
    const letter = readDeadLetter(QUEUE, message(refusal(JSON.stringify(EVENT).slice(0, 40))));
    expect(letter).toMatchObject({ kind: 'refused', type: 'an event that was cut off', wayBack: { kind: 'none' } });
    expect(letter.event).toBeUndefined();
    const about = { type: 'Purchase Completed', customerId: 'c-1' };
    expect(readDeadLetter(QUEUE, message(refusal('{"source": "sh', about)))).toMatchObject(about);
  });

  it('that failed too often goes back to the queue it failed in, whatever it says', () => {
    expect(readDeadLetter(QUEUE, message(EVENT))).toMatchObject({
      kind: 'failed',
      reason: 'perennial-prod-record failed on it every time',
      wayBack: { kind: 'queue', queue: 'perennial-prod-record' },
    });
    expect(readDeadLetter(QUEUE, message('no event'))).toMatchObject({
      kind: 'failed',
      type: 'not an event',
      reason: 'it is not JSON, which nothing can take in',
    });
    expect(readDeadLetter(QUEUE, message({ a: 1 })).reason).toContain('no event of EventBridge');
    expect(readDeadLetter('perennial-prod-undelivered', message(EVENT)).wayBack.kind).toBe('none');
  });

  it.each([
    ['arn:aws:sqs:eu-north-1:1:perennial-prod-send', { kind: 'queue', queue: 'perennial-prod-send' }],
    ['arn:aws:lambda:eu-north-1:1:function:perennial-prod-sweep', { kind: 'none' }],
  ])('that did not reach %s goes where it was meant to', (target, wayBack) => {
    const rule = 'arn:aws:events:eu-north-1:1:rule/customers/some-rule';
    const attributes = { ERROR_CODE: 'NO_PERMISSIONS', RULE_ARN: rule, TARGET_ARN: target };
    const letter = readDeadLetter('perennial-prod-undelivered', message(EVENT, attributes));
    expect(letter).toMatchObject({ kind: 'undelivered', wayBack, reason: expect.stringContaining('some-rule') });
  });

  it('about an invocation says which function and why', () => {
    const body = {
      requestContext: { functionArn: 'arn:aws:lambda:x:1:function:sweep:$LATEST', condition: 'RetriesExhausted' },
      responsePayload: { errorType: 'Error', errorMessage: 'no table' },
    };
    expect(readDeadLetter('perennial-prod-sweep-dead', message(body))).toMatchObject({
      kind: 'invocation',
      type: 'sweep',
      reason: 'RetriesExhausted: Error: no table',
    });
  });

  it('is meant when all that was asked for is so', () => {
    const letter = readDeadLetter(QUEUE, message(refusal(JSON.stringify(EVENT))));
    expect(isMeant(letter, {}, 2 * HOUR)).toBe(true);
    expect(isMeant(letter, { reason: 'DATA.TOTAL', customer: 'c-1', older: HOUR }, 2 * HOUR)).toBe(true);
    expect(isMeant(letter, { older: 3 * HOUR }, 2 * HOUR)).toBe(false);
    expect(isMeant(letter, { type: 'Login Succeeded' }, 2 * HOUR)).toBe(false);
    expect(isMeant(letter, { customer: 'c-2' }, 2 * HOUR)).toBe(false);
    expect(isMeant(letter, { reason: 'version' }, 2 * HOUR)).toBe(false);
  });
});
