import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { DELIVERY_WORDS, deliveryInWords } from '../../shared/lifecycle/explain/message-lines.ts';
import {
  CANCELLED,
  DEFERRED,
  endInWords,
  reasonInWords,
  WITHHELD,
} from '../../shared/lifecycle/explain/reason-words.ts';
import { START } from '../support/events.ts';

/** Where reasons are given: the rules of the core, and the functions that claim and settle. */
const PLACES = ['shared/lifecycle/customer', 'functions/send', 'functions/record'];

const GIVEN = [
  // withheld('no consent'), cancelled('step removed')
  /\b(?:withheld|cancelled)\('([^']+)'\)/gu,
  // reason: 'same mailbox', heldBy: 'quiet hours'
  /\b(?:reason|heldBy): '([^']+)'/gu,
  // held(until, 'paused')
  /\bheld\([^']*'([^']+)'\)/gu,
];

/** Ends that are no withholding, cancelling or deferral have sentences of their own. */
const OTHER_ENDS = new Set(['outcome unknown']);

/** Reasons to call a person are no reasons of a message; and where the reasons are listed none is given. */
const OTHER_REASONS = new Set(['reasons.ts', 'attention.ts']);

function reasonsInCode(): readonly string[] {
  const files = PLACES.flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.endsWith('.ts') && !OTHER_REASONS.has(name))
      .map((name) => readFileSync(join(place, name), 'utf8')),
  );
  const found = files.flatMap((text) =>
    GIVEN.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name)),
  );
  return [...new Set(found)].filter((reason) => !OTHER_ENDS.has(reason));
}

const inCode = reasonsInCode();

it('finds the reasons the code gives', () => {
  expect(inCode.length).toBeGreaterThan(15);
  expect(inCode).toEqual(
    expect.arrayContaining(['no consent', 'quiet hours', 'same mailbox', 'paused', 'step removed']),
  );
});

it.each(inCode)('%s has its sentence', (reason) => {
  expect(reasonInWords(reason)).not.toBe(reason);
});

const entry = { customerId: 'c', key: '1/a/b/1', moment: START, decidedAt: START, endedAt: START, attempt: 1 };
const end = (more: Pick<LedgerEntry, 'outcome'> & Partial<LedgerEntry>) => endInWords({ ...entry, ...more });

describe('a sentence for every reason', () => {
  it.each(Object.entries(WITHHELD))('withheld: %s', (reason, words) => {
    expect(end({ outcome: 'withheld', reason })).toBe(`Withheld: ${words}.`);
  });

  it.each(Object.entries(CANCELLED).filter(([reason]) => reason !== 'stage is'))('cancelled: %s', (reason, words) => {
    expect(end({ outcome: 'cancelled', reason })).toBe(`Cancelled: ${words}.`);
  });

  it.each(Object.entries(DEFERRED).filter(([reason]) => reason !== 'stopped:'))('put off: %s', (reason, words) => {
    expect(reasonInWords(reason)).toBe(words);
  });

  it('says the same of no two reasons', () => {
    const all = [WITHHELD, CANCELLED, DEFERRED].flatMap((words) => Object.entries(words));
    const reasons = new Set(all.map(([reason]) => reason));
    const sentences = new Set(all.map(([, words]) => words));
    expect(sentences.size).toBe(reasons.size);
  });

  it('names the stage a customer moved on to, and why SES takes nothing', () => {
    expect(reasonInWords('stage is at_risk')).toBe('the customer moved on to the stage “At risk”');
    for (const why of ['rate', 'quota', 'paused', 'misconfigured', 'unreachable', 'unknown', 'quota unknown']) {
      expect(reasonInWords(`stopped: ${why}`)).toMatch(/^SES takes no mail at present: .{20,}/u);
    }
  });

  it('names the trait a mail is not for, and the answer that ended a series', () => {
    expect(reasonInWords('not for key-account')).toBe('it is not meant for whoever has the trait “Key account”');
    expect(reasonInWords('not for tea-lover')).toBe('it is not meant for whoever has the trait “Tea lover”');
    expect(reasonInWords('answered: no-need')).toBe('the reader had answered “no-need”, which ends the series');
  });

  it('prints what it does not know as it is', () => {
    expect(reasonInWords('solar flare')).toBe('solar flare');
    expect(reasonInWords('stopped: solar flare')).toBe('SES takes no mail at present: solar flare');
    expect(end({ outcome: 'withheld', reason: 'solar flare' })).toBe('Withheld: solar flare.');
    // A property every object has is no reason.
    expect(reasonInWords('constructor')).toBe('constructor');
  });

  it('tells a mail whose entry was made from evidence', () => {
    expect(end({ outcome: 'sent', evidence: true })).toContain('SES reported that it had accepted it');
  });
});

describe('what became of a mail', () => {
  it.each(Object.entries(DELIVERY_WORDS))('%s', (status, words) => {
    const found = Object.keys(DELIVERY_WORDS).find((each): each is keyof typeof DELIVERY_WORDS => each === status);
    if (found === undefined) throw new Error('a status without words');
    expect(deliveryInWords({ status: found, at: START })).toBe(`${words} on 2 Mar 2026, 12:00 UTC.`);
  });

  it('names the kind, and what its reader did', () => {
    expect(
      deliveryInWords({ status: 'delivered', at: START, detail: 'slow', openedAt: START, clickedAt: START + 60_000 }),
    ).toBe(
      'Delivered (slow) on 2 Mar 2026, 12:00 UTC; opened on 2 Mar 2026, 12:00 UTC; ' +
        'a link in it was followed on 2 Mar 2026, 12:01 UTC.',
    );
  });
});
