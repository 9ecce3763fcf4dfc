/** Keys say which message a message is: what they hold comes back, and what they are compared by. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatKey, parseKey, sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import { assert } from '../support/property.ts';

describe('a message key', () => {
  it('is life/programme/step/episode, with the round of steps that repeat', () => {
    const key = { life: 2, programme: 'win-back', step: 'ask', round: 0, episode: '3' };
    expect(formatKey(key)).toBe('2/win-back/ask/3');
    expect(formatKey({ ...key, round: 4 })).toBe('2/win-back/ask.4/3');
  });

  it('gives back its parts, whatever a shop calls its complaints', () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/u);
    const key = fc.record(
      {
        life: fc.integer({ min: 1, max: 99 }),
        programme: part,
        step: part,
        round: fc.integer({ min: 0, max: 20 }),
        episode: fc.string({ minLength: 1, unit: 'binary' }).filter((each) => each.isWellFormed()),
      },
      { noNullPrototype: true },
    );
    assert(
      fc.property(key, (parts) => {
        expect(parseKey(formatKey(parts))).toStrictEqual(parts);
      }),
      200,
    );
  });

  it.each(['', 'ask', '1/win-back/ask', 'x/win-back/ask/1', '1/win-back/ask/', '1/Win/ask/1'])('is not %j', (text) => {
    expect(parseKey(text)).toBeUndefined();
  });

  it('fits into an SES tag, whatever the playbook calls its steps and the shop its complaints', () => {
    const name = 'a'.repeat(24);
    const longest = formatKey({ life: 99, programme: name, step: name, round: 15, episode: '/'.repeat(128) });
    expect(Buffer.from(longest).toString('base64url').length).toBeLessThanOrEqual(256);
  });

  it('names the same step whatever life and episode, but not another round', () => {
    expect(sameStep('1/win-back/ask/1', '2/win-back/ask/9')).toBe(true);
    expect(sameStep('1/win-back/ask/1', '1/win-back/offer/1')).toBe(false);
    expect(sameStep('1/onboarding/check-in/1', '1/retention/check-in/1')).toBe(false);
    expect(sameStep('1/recovery/status.1/k', '1/recovery/status.2/k')).toBe(false);
  });
});
