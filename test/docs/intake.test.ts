/** What docs/intake.md says of requests and answers is what the code does. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerTo, type Taken, type Unavailable } from '../../functions/ingest/answer.ts';
import { MOST_EVENTS } from '../../functions/ingest/events.ts';
import type { Refusal } from '../../functions/ingest/refusal.ts';
import { LARGEST_BODY, TOLERANCE } from '../../functions/ingest/request.ts';
import { WINDOW } from '../../functions/ingest/rate.ts';
import { isSigned, signaturesIn } from '../../functions/ingest/signature.ts';
import { PROJECT } from '../../infra/cache.ts';
import { stageConfig } from '../../infra/config.ts';
import { INTAKE_SOURCE } from '../../shared/contracts/bus.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';

const page = readFileSync(path.join(PROJECT, 'docs/intake.md'), 'utf8');

type Outcome = Taken | Unavailable | Refusal;

/** One of each kind there is. */
const OUTCOMES: { readonly [K in Outcome['kind']]: Extract<Outcome, { kind: K }> } = {
  taken: { kind: 'taken', ids: ['e-1'], again: false },
  unavailable: { kind: 'unavailable', taken: [], cause: undefined },
  'method-not-allowed': { kind: 'method-not-allowed' },
  'unsupported-type': { kind: 'unsupported-type' },
  'too-large': { kind: 'too-large', limit: '100 events' },
  unsigned: { kind: 'unsigned', header: 'webhook-id', expected: 'something' },
  expired: { kind: 'expired', toleranceSeconds: 300 },
  forged: { kind: 'forged', isGarbled: false },
  'too-many': { kind: 'too-many', retryAfterSeconds: 10 },
  'already-taken': { kind: 'already-taken', ids: [] },
  'id-reused': { kind: 'id-reused' },
  malformed: { kind: 'malformed', expected: 'something' },
  'broken-events': { kind: 'broken-events', of: 1, events: [] },
};

/** A value of the example. */
const field = (name: string) => new RegExp(`^    ${name} +(.+)$`, 'mu').exec(page)?.[1] ?? '';

describe('the page of the intake', () => {
  it.each(Object.values(OUTCOMES))('names the answer to $kind with its status', (outcome) => {
    const { statusCode } = answerTo(outcome);
    const error = outcome.kind === 'taken' ? '' : `\`${outcome.kind}\``;
    const cells = page
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    expect(cells.map(([, status, name]) => [status, name])).toContainEqual([String(statusCode), error]);
  });

  it('has an example that is signed as it says', () => {
    const content = { id: field('id'), timestamp: field('timestamp'), body: Buffer.from(field('body')) };
    expect(isSigned(content, signaturesIn(field('signature')), { current: field('secret') })).toBe(true);
  });

  it('tells the limits', () => {
    expect(page).toContain(
      `At most ${MOST_EVENTS} events and ${LARGEST_BODY / 1024} KB (${LARGEST_BODY.toLocaleString('en')} bytes)`,
    );
    const { intakeRate } = stageConfig('local');
    expect(page).toContain(`**Requests a second**: ${intakeRate},`);
    expect(page).toMatch(new RegExp(`${(intakeRate * WINDOW) / 1000} may\\s+come\\s+at\\s+once`, 'u'));
    expect(TOLERANCE).toBe(5 * MINUTE);
    expect(page).toContain(`\`${INTAKE_SOURCE}\``);
  });
});
