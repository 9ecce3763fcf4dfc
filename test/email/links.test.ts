import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAged,
  type Link,
  LINK_KINDS,
  type LinkKeys,
  linkUrl,
  openLink,
  openSigned,
  signLink,
} from '../../shared/email/links.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { assert, same } from '../support/property.ts';

const KEYS: LinkKeys = { current: 'the key of this month' };
const ROTATED: LinkKeys = { current: 'the key of next month', previous: KEYS.current };

const origin = {
  customerId: 'c-1042',
  life: 1,
  key: '1/win-back/ask/1',
  address: 'Zm9vYmFyYmF6cXV4',
  issuedAt: Date.UTC(2026, 2, 2),
};
const unsubscribe: Link = { kind: 'unsubscribe', ...origin };
const answer: Link = { kind: 'answer', ...origin, question: 'reason', answer: 'price' };

/** Identifiers as the intake lets them in: any script, no control characters. */
const identifier = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => !/\p{Cc}/u.test(text));
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,23}$/u);
const someOrigin = fc.record({
  customerId: identifier,
  life: fc.integer({ min: 1, max: 1000 }),
  key: fc.tuple(fc.integer({ min: 1, max: 9 }), name, name, identifier).map((parts) => parts.join('/')),
  address: fc.stringMatching(/^[A-Za-z0-9_-]{16}$/u),
  issuedAt: fc.integer({ min: 0, max: 8.64e15 }),
});
const someLink: fc.Arbitrary<Link> = fc.oneof(
  fc.tuple(fc.constantFrom('unsubscribe', 'preferences'), someOrigin).map(([kind, from]) => ({ kind, ...from })),
  fc.tuple(someOrigin, name, name).map(([from, question, chosen]): Link => ({
    kind: 'answer',
    ...from,
    question,
    answer: chosen,
  })),
);

describe('a signed link', () => {
  it('opens as what it was signed as', () => {
    assert(
      fc.property(someLink, (link) => {
        const token = signLink(KEYS, link);
        expect(token).toMatch(/^[A-Za-z0-9_.-]+$/u);
        same(openLink(KEYS, token), link);
      }),
      500,
    );
  });

  it('opens with the key before the rotation, and no longer after the next one', () => {
    const token = signLink(KEYS, unsubscribe);
    expect(openLink(ROTATED, token)).toEqual(unsubscribe);
    expect(openLink({ current: 'the key after that', previous: ROTATED.current }, token)).toBeUndefined();
    expect(openLink(KEYS, signLink(ROTATED, unsubscribe))).toBeUndefined();
  });

  it('says which key signed it, and no other', () => {
    const token = signLink(KEYS, unsubscribe);
    expect(openSigned(ROTATED, token)?.keys).toEqual({ current: KEYS.current });
    expect(openSigned(ROTATED, signLink(ROTATED, unsubscribe))?.keys).toEqual({ current: ROTATED.current });
  });

  it('chooses and answers for 90 days', () => {
    expect(isAged(answer, answer.issuedAt + 90 * DAY - 1)).toBe(false);
    expect(isAged(answer, answer.issuedAt + 90 * DAY)).toBe(true);
  });

  it('does not open after any single bit was flipped', () => {
    for (const link of [unsubscribe, answer]) {
      const token = Buffer.from(signLink(KEYS, link));
      for (let bit = 0; bit < token.length * 8; bit += 1) {
        const flipped = Buffer.from(token);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openLink(KEYS, flipped.toString('latin1'))).toBeUndefined();
      }
    }
  });

  it('does not open after a character became another of its alphabet', () => {
    const token = signLink(KEYS, unsubscribe);
    for (let at = 0; at < token.length; at += 1) {
      for (const other of 'AQgw_-.') {
        if (token[at] === other) continue;
        expect(openLink(KEYS, `${token.slice(0, at)}${other}${token.slice(at + 1)}`)).toBeUndefined();
      }
    }
  });

  it('does not open when cut short or continued', () => {
    const token = signLink(KEYS, unsubscribe);
    for (let length = 0; length < token.length; length += 1) {
      expect(openLink(KEYS, token.slice(0, length))).toBeUndefined();
      expect(openLink(KEYS, token.slice(token.length - length))).toBeUndefined();
    }
    for (const more of ['A', '.', '=', ' ', '\n', 'AAAA', '.AAAA'])
      expect(openLink(KEYS, token + more)).toBeUndefined();
  });

  it.each(LINK_KINDS)('signed as %s is no link of another kind', (kind) => {
    const link: Link = kind === 'answer' ? answer : { ...unsubscribe, kind };
    const [payload = '', signature = ''] = signLink(KEYS, link).split('.');
    const fields = Buffer.from(payload, 'base64url').toString();
    for (const other of ['u', 'p', 'a', 'x', ''].filter((each) => each !== fields[0])) {
      const changed = Buffer.from(`${other}${fields.slice(1)}`).toString('base64url');
      expect(openLink(KEYS, `${changed}.${signature}`)).toBeUndefined();
    }
  });

  it('does not open with the key of another deployment, or with none', () => {
    const token = signLink(KEYS, unsubscribe);
    expect(openLink({ current: 'another key' }, token)).toBeUndefined();
    expect(openLink({ current: 'another key', previous: 'and another' }, token)).toBeUndefined();
    const unkeyed = signLink({ current: '' }, unsubscribe);
    expect(openLink({ current: '' }, unkeyed)).toBeUndefined();
    expect(openLink({ current: KEYS.current, previous: '' }, unkeyed)).toBeUndefined();
  });

  it('is not what the same key signs elsewhere', () => {
    const [payload = ''] = signLink(KEYS, unsubscribe).split('.');
    const signature = createHmac('sha256', KEYS.current).update(payload).digest('base64url');
    expect(openLink(KEYS, `${payload}.${signature}`)).toBeUndefined();
  });

  it('keeps its fields apart: a line break in an id makes it open as nothing', () => {
    const forged: Link = { ...unsubscribe, customerId: 'c-1042\n1\n1/win-back/ask/1\nZm9vYmFyYmF6cXV4\n1' };
    expect(openLink(KEYS, signLink(KEYS, forged))).toBeUndefined();
  });

  it('stays below 600 characters for the longest ids there are', () => {
    const programme = 'p'.repeat(24);
    const longest: Link = {
      kind: 'answer',
      customerId: 'ü'.repeat(64),
      life: 12,
      key: `12/${programme}/${programme}.10/${'ü'.repeat(64)}`,
      address: origin.address,
      issuedAt: origin.issuedAt,
      question: programme,
      answer: programme,
    };
    const token = signLink(KEYS, longest);
    expect(token.length).toBeLessThan(600);
    expect(openLink(KEYS, token)).toEqual(longest);
  });

  it('leads to the page of its kind', () => {
    const base = 'https://mail.shop.example.com/';
    expect(linkUrl(base, KEYS, unsubscribe)).toBe(`${base}u/${signLink(KEYS, unsubscribe)}`);
    expect(linkUrl(base, KEYS, { ...unsubscribe, kind: 'preferences' })).toMatch(/^https:\/\/[^/]+\/p\/[^/]+$/u);
    expect(linkUrl(base, KEYS, answer)).toMatch(/^https:\/\/[^/]+\/a\/[^/]+$/u);
  });
});

describe('text that is no link', () => {
  it('opens as nothing and breaks nothing', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 700 }),
      fc.stringMatching(/^[A-Za-z0-9_-]{0,400}\.[A-Za-z0-9_-]{43}$/u),
    );
    assert(
      fc.property(text, (token) => {
        same(openLink(ROTATED, token), undefined);
      }),
      2000,
    );
  });

  it('is not even read when it is endless', () => {
    const payload = Buffer.from(`u\n${'c'.repeat(5000)}\n1\n1/a/b/1\nhash`).toString('base64url');
    const signature = createHmac('sha256', KEYS.current).update(`perennial link 1\n${payload}`).digest('base64url');
    expect(openLink(KEYS, `${payload}.${signature}`)).toBeUndefined();
  });
});
