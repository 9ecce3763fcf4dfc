/** Which mail goes first when several want the same place, in the order that the subject matter asks for. */
import { describe, expect, it } from 'vitest';
import { SHIPPED } from '../support/playbooks.ts';

/** What goes before what, first to last; each with its series as the shipped playbook has them. */
const PRECEDENCE: readonly (readonly [what: string, series: readonly string[]])[] = [
  ['recovery, with the answer to a critic', ['complaint', 'rating', 'critic', 'late-order', 'renewal']],
  ['what becomes of a change', ['change']],
  ['somebody who is ready to buy', ['ready']],
  ['onboarding', ['first-steps']],
  ['win-back', ['return']],
  ['who is at risk', ['at-risk']],
  ['key account', ['key-account', 'key-account-at-risk']],
  ['loyal', ['appreciation', 'loyal-bonus', 'loyal-voice']],
  ['promoter', ['promoter']],
  ['researcher', ['researcher', 'researcher-cart']],
  ['switcher', ['switcher']],
  ['hesitant', ['hesitant']],
  ['bargain', ['bargain']],
  ['impulse', ['impulse']],
  ['looker', ['looker']],
  ['campaign', ['campaign']],
  ['reminder that we exist', ['in-touch']],
];

/** Series that the order does not speak of: answers, questions and thanks, which are about something else each time. */
const ELSEWHERE = ['answers', 'bad-experience', 'referral-thanks', 'nps'];

const all = SHIPPED.programmes.flatMap(({ series }) => series);

function prioritiesOf(ids: readonly string[]): readonly number[] {
  return ids.flatMap((id) => {
    const series = all.find((each) => each.id === id);
    if (series === undefined) throw new Error(`the shipped playbook has no series "${id}"`);
    return series.steps.map(({ priority }) => priority);
  });
}

describe('the shipped playbook', () => {
  it.each(PRECEDENCE.slice(1).map(([what, ids], index) => ({ what, ids, before: PRECEDENCE[index] })))(
    'puts $before.0 before $what',
    ({ ids, before: [, earlier] = ['', []] }) => {
      expect(Math.min(...prioritiesOf(earlier))).toBeGreaterThan(Math.max(...prioritiesOf(ids)));
    },
  );

  it('has no series that stands nowhere', () => {
    const placed = new Set([...PRECEDENCE.flatMap(([, ids]) => ids), ...ELSEWHERE]);
    expect(all.map(({ id }) => id).filter((id) => !placed.has(id))).toEqual([]);
  });

  it('gives no two steps the same place but where they are never for the same slot', () => {
    const steps = all.flatMap(({ id, steps: own }) => own.map((step) => ({ id, step: step.id, at: step.priority })));
    const shared = steps.filter(({ at, step }) => steps.some((each) => each.at === at && each.step !== step));
    expect(shared.map(({ id, step }) => `${id}/${step}`)).toEqual(['complaint/still-open', 'complaint/unsettled']);
  });
});
