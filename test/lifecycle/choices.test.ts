/** What the reader chose and answered: which statement counts, whatever the order in which they arrive. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { answersOf, latestAnswer, MAILS_KEPT } from '../../shared/lifecycle/facts/answers.ts';
import { choicesOf, localeOf, optedOut, PROGRAMMES_KEPT } from '../../shared/lifecycle/facts/choices.ts';
import { mayPromote } from '../../shared/lifecycle/facts/consent.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { absorb, factsOf } from '../../shared/lifecycle/fold.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { addressSuppressed, answered, chose, consentAt, day, event, registered } from '../support/events.ts';

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** The facts of a history: the same one by one in every order, each event twice, and rebuilt as a whole. */
function factsInEveryOrder(...history: readonly CustomerEvent[]): Facts {
  const whole = factsOf(history);
  for (const order of permutations(history)) {
    const facts = [...order, ...order].reduce((known, each) => absorb(known, each) ?? known, NO_FACTS);
    expect(facts).toStrictEqual(whole);
    expect(factsOf(order)).toStrictEqual(whole);
  }
  return whole;
}

const updated = (at: number, data: Readonly<Record<string, unknown>>) => event('Profile Updated', at, data);
const on = (at: number, consentedAt = at) => chose(at, { how: 'page', promotion: 'on', ...consentAt(consentedAt) });
const off = (at: number) => chose(at, { promotion: 'off' });

describe('an unsubscribe', () => {
  it('ends every programme', () => {
    const facts = factsInEveryOrder(registered(day(0)), off(day(5)));
    expect(optedOut(facts, 'retention')).toBe(true);
    expect(optedOut(facts, 'win-back')).toBe(true);
    expect(choicesOf(facts.choices).promotion).toStrictEqual({ value: 'off', at: day(5) });
  });

  it('is not there before anybody chose anything', () => {
    const facts = factsInEveryOrder(registered(day(0)), updated(day(1), { name: 'Anna' }));
    expect(optedOut(facts, 'retention')).toBe(false);
    expect(facts).not.toHaveProperty('choices');
    expect(choicesOf(facts.choices)).toStrictEqual({ programmes: {}, pace: 'usual', tailored: true });
  });

  it('is not undone by an update that repeats the consent from before it', () => {
    const facts = factsInEveryOrder(registered(day(0)), off(day(5)), updated(day(9), consentAt(day(4.9))));
    expect(mayPromote(facts.consent, day(10))).toBe(true);
    expect(optedOut(facts, 'retention')).toBe(true);
  });

  it.each([
    ['a soft opt-in', 'soft_opt_in'],
    ['no consent', 'none'],
  ])('is not undone by %s, however late', (_what, marketing) => {
    const facts = factsInEveryOrder(registered(day(0)), off(day(5)), updated(day(9), consentAt(day(8), marketing)));
    expect(optedOut(facts, 'retention')).toBe(true);
  });

  it('is undone by an explicit opt-in given after it, not by one of the same moment', () => {
    const after = (at: number) => factsInEveryOrder(off(day(5)), updated(day(9), consentAt(at)));
    expect(optedOut(after(day(5) + 1), 'retention')).toBe(false);
    expect(optedOut(after(day(5)), 'retention')).toBe(true);
  });

  it('counts again when it comes after the opt-in that undid another', () => {
    const facts = factsInEveryOrder(off(day(1)), updated(day(2), consentAt(day(2))), off(day(3)));
    expect(optedOut(facts, 'retention')).toBe(true);
  });

  it('counts again when the shop withdraws the opt-in that undid it', () => {
    const facts = factsInEveryOrder(
      off(day(1)),
      updated(day(2), consentAt(day(2))),
      updated(day(3), consentAt(day(3), 'soft_opt_in')),
    );
    expect(optedOut(facts, 'retention')).toBe(true);
  });
});

describe('coming back', () => {
  it('brings the consent with it: source, time and wording', () => {
    const consent = { marketing: 'opt_in', source: 'preference centre', at: '2026-03-09T12:00:00Z', wording: 'v3' };
    const facts = factsInEveryOrder(off(day(5)), chose(day(7), { promotion: 'on', consent }));
    expect(optedOut(facts, 'retention')).toBe(false);
    expect(mayPromote(facts.consent, day(8))).toBe(true);
    expect(facts.consent).toMatchObject({ ...consent, at: day(7) });
    expect(choicesOf(facts.choices).promotion).toStrictEqual({ value: 'on', at: day(7) });
  });

  it('counts from the time of the consent, not of the event that tells of it', () => {
    const late = factsInEveryOrder(off(day(5)), on(day(9), day(4)));
    expect(optedOut(late, 'retention')).toBe(true);
    expect(choicesOf(late.choices).promotion).toStrictEqual({ value: 'off', at: day(5) });
    expect(optedOut(factsInEveryOrder(off(day(5)), on(day(9), day(6))), 'retention')).toBe(false);
  });

  it('keeps what else was chosen with it, at the time of the choice', () => {
    const said = { promotion: 'on', pace: 'less', ...consentAt(day(4)) };
    const facts = factsInEveryOrder(chose(day(6), { pace: 'usual' }), chose(day(9), said));
    expect(choicesOf(facts.choices)).toMatchObject({ pace: 'less', promotion: { at: day(4) } });
  });
});

describe('single programmes', () => {
  it('are turned off and on each for itself', () => {
    const facts = factsInEveryOrder(
      chose(day(1), { programmes: { retention: 'off', 'win-back': 'off', constructor: 'off' } }),
      chose(day(2), { programmes: { retention: 'on' } }),
    );
    expect(['retention', 'win-back', 'constructor', 'onboarding'].map((each) => optedOut(facts, each))).toStrictEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('whose names are those of methods are not off by themselves', () => {
    expect(optedOut(factsOf([chose(day(1), { programmes: { retention: 'off' } })]), 'constructor')).toBe(false);
  });

  it('stay off with all promotion off, whatever they say', () => {
    const facts = factsInEveryOrder(off(day(1)), chose(day(2), { programmes: { retention: 'on' } }));
    expect(optedOut(facts, 'retention')).toBe(true);
  });

  it('stay off when promotion comes back in the same breath', () => {
    const said = { promotion: 'on', programmes: { retention: 'off' }, ...consentAt(day(2)) };
    const facts = factsInEveryOrder(off(day(1)), chose(day(2), said));
    expect(optedOut(facts, 'retention')).toBe(true);
    expect(optedOut(facts, 'win-back')).toBe(false);
  });

  it('yield to a later explicit opt-in, too', () => {
    const facts = factsInEveryOrder(
      chose(day(1), { programmes: { retention: 'off' } }),
      updated(day(3), consentAt(day(2))),
    );
    expect(optedOut(facts, 'retention')).toBe(false);
  });
});

describe('a suppressed address', () => {
  it('ends promotion after a spam complaint, at the time of the complaint', () => {
    const facts = factsInEveryOrder(registered(day(0)), addressSuppressed(day(3), 'spam complaint'));
    expect(optedOut(facts, 'retention')).toBe(true);
    expect(choicesOf(facts.choices).promotion).toStrictEqual({ value: 'off', at: day(3) });
    const back = factsInEveryOrder(addressSuppressed(day(3), 'spam complaint'), updated(day(9), consentAt(day(8))));
    expect(optedOut(back, 'retention')).toBe(false);
  });

  it('says nothing of the person after a hard bounce', () => {
    const before = factsOf([registered(day(0))]);
    expect(absorb(before, addressSuppressed(day(3), 'hard bounce'))).toBe(before);
  });
});

describe('other choices', () => {
  it('are each the latest, and statements that say nothing new change nothing', () => {
    const history = [
      chose(day(1), { language: 'de', pace: 'less', tailored: false }),
      chose(day(2), { language: 'sv' }),
      chose(day(3), { pace: 'usual' }),
    ];
    const facts = factsInEveryOrder(...history);
    expect(choicesOf(facts.choices)).toStrictEqual({ programmes: {}, language: 'sv', pace: 'usual', tailored: false });
    for (const each of history) expect(absorb(facts, each)).toBe(facts);
    expect(absorb(facts, chose(day(1.5), { language: 'fa' }))).toBe(facts);
    expect(absorb(facts, chose(day(9), {}))).toBe(facts);
  });

  it('keep no more statements than there are things to choose', () => {
    const history = Array.from({ length: 40 }, (_, index) =>
      chose(day(index), { pace: 'less', programmes: { retention: 'off' } }),
    );
    expect(factsOf(history).choices).toHaveLength(1);
  });

  it('keep the programmes chosen last, whatever the order of arrival', () => {
    const all = Array.from({ length: 40 }, (_, index) =>
      chose(day(index), { pace: 'less', programmes: { [`p${index}`]: 'off', [`q${index}`]: 'off' } }),
    );
    const orders = [all, all.toReversed(), [...all.slice(20), ...all.slice(0, 25)]];
    const told = orders.map((order) => order.reduce((facts, each) => absorb(facts, each) ?? facts, NO_FACTS));
    const whole = factsOf(all);
    for (const facts of told) {
      expect(facts).toStrictEqual(whole);
      for (const each of all) expect(absorb(facts, each)).toBe(facts);
    }
    const names = Object.keys(choicesOf(whole.choices).programmes);
    expect(names.toSorted()).toStrictEqual(
      all
        .slice(-PROGRAMMES_KEPT / 2)
        .flatMap((_, index) => [`p${index + 15}`, `q${index + 15}`])
        .toSorted(),
    );
    expect(choicesOf(whole.choices).pace).toBe('less');
  });

  it('forget nothing while there is room, and of one breath the last by name', () => {
    const breath = (at: number, first: number) =>
      chose(day(at), {
        programmes: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`p${first + n}`, 'off'])),
      });
    expect(Object.keys(choicesOf(factsOf([breath(1, 100)]).choices).programmes)).toHaveLength(PROGRAMMES_KEPT);
    const facts = factsInEveryOrder(breath(1, 100), chose(day(2), { programmes: { later: 'off' } }), breath(1, 100));
    const names = Object.keys(choicesOf(facts.choices).programmes);
    expect(names).toContain('later');
    expect(names).not.toContain('p149');
    expect(names).toContain('p148');
  });

  it('two in one moment: the greater id counts', () => {
    const history = [chose(day(1), { pace: 'less' }, 'e2'), chose(day(1), { pace: 'usual' }, 'e1')];
    expect(choicesOf(factsInEveryOrder(...history).choices).pace).toBe('less');
  });
});

describe('the language of mails', () => {
  const localeAfter = (...history: readonly CustomerEvent[]) => localeOf(factsInEveryOrder(...history));

  it('is the locale of the profile until the reader chooses', () => {
    expect(localeAfter(updated(day(0), { locale: 'sv-FI' }))).toBe('sv-FI');
    expect(localeOf(NO_FACTS)).toBeUndefined();
  });

  it("is the reader's choice, whatever the shop says before or later", () => {
    const choice = chose(day(1), { language: 'de' });
    expect(localeAfter(updated(day(0), { locale: 'sv-FI' }), choice, updated(day(2), { locale: 'en-GB' }))).toBe('de');
  });

  it('keeps the region of the profile where the language is the same', () => {
    expect(localeAfter(updated(day(0), { locale: 'SV_fi' }), chose(day(1), { language: 'sv' }))).toBe('SV_fi');
    expect(localeAfter(updated(day(0), { locale: 'de-AT' }), chose(day(1), { language: 'de-CH' }))).toBe('de-CH');
  });
});

describe('answers', () => {
  it('are the latest to each question, with the mail that asked and when', () => {
    const facts = factsInEveryOrder(
      answered(day(1), 'price'),
      answered(day(2), 'no-need'),
      answered(day(1.5), 'yes', 'liked'),
    );
    const latest = (question: string) => latestAnswer(facts.answers, question, () => true);
    expect(latest('liked')).toMatchObject({ answer: 'yes', at: day(1.5) });
    expect(latest('reason')).toMatchObject({ answer: 'no-need', at: day(2), programme: 'win-back', step: 'ask' });
    expect(absorb(facts, answered(day(1), 'price'))).toBe(facts);
  });

  it('two in one moment: the greater id counts', () => {
    const said = { programme: 'win-back', step: 'ask', question: 'reason' };
    const facts = factsOf([
      event('Question Answered', day(1), { ...said, answer: 'price' }, 'e2'),
      event('Question Answered', day(1), { ...said, answer: 'other' }, 'e1'),
    ]);
    expect(answersOf(facts.answers)).toMatchObject([{ answer: 'price' }]);
  });

  it('are kept for the mails answered last, and the journal tells of the others', () => {
    const history = Array.from({ length: MAILS_KEPT + 3 }, (_, index) => answered(day(index), 'yes', `q${index}`));
    const kept = answersOf(factsOf(history).answers).map((each) => each.question);
    expect(kept).toStrictEqual(history.slice(3).map((_, index) => `q${index + 3}`));
    expect(absorb(factsOf(history), answered(day(90), 'no', 'q0'))).toBeUndefined();
  });

  it('given again say nothing new, and in between another is remembered', () => {
    const pressed = (at: number, answer: string) =>
      event('Question Answered', at, { programme: 'p', step: 's', question: 'q', answer, about: 'k' });
    const presses = [pressed(day(1), 'no'), pressed(day(2), 'no'), pressed(day(3), 'yes'), pressed(day(4), 'no')];
    const before = [
      { at: day(1), id: presses[0]?.id, answer: 'no' },
      { at: day(3), id: presses[2]?.id, answer: 'yes' },
    ];
    expect(answersOf(factsOf(presses).answers)).toMatchObject([{ answer: 'no', at: day(4), before }]);
    const again = factsOf(presses.slice(0, 2));
    expect(answersOf(again.answers)).toMatchObject([{ answer: 'no', at: day(1), again: { at: day(2) } }]);
    expect(absorb(again, pressed(day(1.5), 'yes'))).toBeUndefined();
  });

  it('a clock a little off does not matter', () => {
    const facts = factsOf([answered(day(1), 'price'), answered(day(1) - MINUTE, 'other')]);
    expect(latestAnswer(facts.answers, 'reason', () => true)).toMatchObject({ answer: 'price' });
  });
});
