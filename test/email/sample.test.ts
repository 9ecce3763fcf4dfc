import { beforeAll, expect, it } from 'vitest';
import type { Release } from '../../shared/email/release.ts';
import { fullSample, leanSample } from '../../shared/email/sample.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { shippedRelease } from './content-copy.ts';

let release: Release;

beforeAll(async () => {
  release = await shippedRelease();
});

it.each([
  ['sv', /Tekanna .*Liten kopp nr 1\b/u],
  ['de-AT', /Teekanne .*Kleiner Becher Nr. 1\b/u],
  ['ru', /Чайник .*Маленькая чашка № 1\b/u],
  ['fa', /قوری .*فنجان کوچک، شمارهٔ ۱/u],
  ['en', /teapot, .*Small cup, no. 1\b/u],
  ['nb', /teapot, .*Small cup, no. 1\b/u],
])('a sample order in %s is in that language, or else in English', (locale, names) => {
  const { order, cart } = fullSample(release, undefined, locale);
  expect(order?.items.map(({ name }) => name).join(' ')).toMatch(names);
  expect(cart?.items).toEqual(order?.items);
});

const told = ({ recommended, change, complaint }: ReturnType<typeof fullSample>) => [
  recommended,
  change?.what,
  complaint?.outcome,
  complaint?.compensation,
];

it.each(['sv', 'de', 'ru', 'fa'])('nothing that a shop would have told a sample reader of %s is English', (locale) => {
  const english = told(fullSample(release));
  for (const [index, text] of told(fullSample(release, undefined, locale)).entries()) {
    expect(text).not.toMatch(/\b(?:the|and|so on)\b/u);
    expect(text).not.toBe(english[index]);
  }
  const placed = findStep(SHIPPED, 'service', 'change-confirmed');
  if (placed === undefined) throw new Error('the playbook has no such step');
  expect(leanSample(release, placed, locale).change?.what).not.toBe(leanSample(release, placed).change?.what);
});
