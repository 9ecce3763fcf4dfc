import { beforeAll, describe, expect, it } from 'vitest';
import { compiledRelease } from '../../infra/build.ts';
import { type Edition, readEdition } from '../../infra/publishing/edition.ts';
import { countWaiting, touchedBy } from '../../infra/publishing/waiting.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { Manifest } from '../../shared/email/release.ts';
import { findStep, type Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import { START } from '../support/events.ts';
import { SHIPPED_CONTENT, SHIPPED_PLAYBOOK } from './shipped.ts';

let shipped: Edition;

beforeAll(async () => {
  shipped = await readEdition(await compiledRelease(SHIPPED_CONTENT), SHIPPED_PLAYBOOK, SHIPPED_CONTENT);
});

const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';
const MESSAGE: Pending = { moment: START, decidedAt: START, attempt: 1 };

const waiting = (customerId: string, ...keys: readonly string[]): Living => ({
  ...unknownCustomer(customerId, START),
  pending: Object.fromEntries(keys.map((key) => [key, MESSAGE])),
});

const SHOWING = {
  question: '1/recovery/still-open/k',
  offer: '1/win-back/offer/1',
  library: '1/nurture/knowledge/1',
  topic: '1/nurture/obstacle/1',
  improvements: '1/win-back/improved/1',
  benefits: '1/retention/benefits/1',
  suppliers: '1/nurture/sets-apart/1',
  objections: '1/nurture/sets-apart/1',
  apology: '1/recovery/apology/k',
};

/** The release with other data. */
const carrying = (data: Partial<Manifest>): Edition => ({ ...shipped, manifest: { ...shipped.manifest, ...data } });
const ruled = (rules: Partial<Playbook>): Edition => ({ ...shipped, playbook: { ...shipped.playbook, ...rules } });

const rewritten = (file: string): Edition => ({ ...shipped, templates: { ...shipped.templates, [file]: 'another' } });

/** The playbook with the steps of onboarding changed. */
function replayed(change: (step: Step) => Step | undefined): Edition {
  const programmes = shipped.playbook.programmes.map((programme) =>
    programme.id === 'onboarding'
      ? {
          ...programme,
          series: programme.series.map((series) => ({
            ...series,
            steps: series.steps.flatMap((step) => change(step) ?? []),
          })),
        }
      : programme,
  );
  // The same series with other steps: what a marketer's edit makes of it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { ...shipped, playbook: { ...shipped.playbook, programmes } as Playbook };
}

const touches = (after: Edition, key: string) => touchedBy(shipped, after)(waiting('c', key), key, START);

describe('a waiting message', () => {
  it('is touched by another template of its own, and by no other', () => {
    expect(touches(shipped, WELCOME)).toBe(false);
    expect(touches(rewritten('templates/onboarding/welcome/en.json'), WELCOME)).toBe(true);
    expect(touches(rewritten('templates/onboarding/welcome/en.json'), GUIDE)).toBe(false);
    // Nobody here returns, so nobody gets the words for those who do.
    expect(touches(rewritten('templates/onboarding/welcome/en.returning.json'), WELCOME)).toBe(false);
  });

  it('is touched when the playbook says something else of its step, or nothing any more', () => {
    const slower = replayed((step) => (step.id === 'guide' ? { ...step, priority: step.priority + 1 } : step));
    expect(touches(slower, GUIDE)).toBe(true);
    expect(touches(slower, WELCOME)).toBe(false);
    const without = replayed((step) => (step.id === 'guide' ? undefined : step));
    expect(touches(without, GUIDE)).toBe(true);
    expect(touches(without, WELCOME)).toBe(false);
  });

  it('is touched by another wording of the question it asks, and of no other', () => {
    const { questions } = shipped.manifest;
    const other = (id: string) => ({ ...questions, [id]: { text: { en: 'Another?' }, answers: {} } });
    expect(touches(carrying({ questions: other('solved') }), SHOWING.question)).toBe(true);
    expect(touches(carrying({ questions: other('range') }), SHOWING.question)).toBe(false);
    expect(touches(carrying({ questions: other('solved') }), SHOWING.apology)).toBe(false);
  });

  it.each([
    ['links and options', SHOWING.library, 'library'],
    ['the name of a topic', SHOWING.topic, 'library'],
    ['improvements', SHOWING.improvements, 'improvements'],
    ['benefits', SHOWING.benefits, 'benefits'],
    ['what was missing elsewhere', SHOWING.suppliers, 'suppliers'],
    ['the answer to an objection', SHOWING.objections, 'objections'],
  ] as const)('that shows %s is touched when they differ, and an apology is not', (_what, key, data) => {
    const { library, improvements, benefits } = shipped.manifest;
    const other = carrying({
      library: { ...library, articles: {} },
      improvements: improvements.slice(1),
      benefits: benefits.slice(1),
      suppliers: {},
      objections: {},
    });
    const only = carrying({ [data]: other.manifest[data] });
    expect(touches(only, key)).toBe(true);
    expect(touches(only, SHOWING.apology)).toBe(false);
    const others = { ...other, manifest: { ...other.manifest, library: shipped.manifest.library } };
    expect(touches(others, WELCOME)).toBe(false);
  });

  it('is touched by whatever the shop says of itself, but not by a language more', () => {
    const { shop } = shipped.manifest;
    expect(touches(carrying({ shop: { ...shop, name: 'Another' } }), SHOWING.apology)).toBe(true);
    expect(touches(carrying({ shop: { ...shop, locales: [...shop.locales, 'fi'] } }), SHOWING.apology)).toBe(false);
  });

  it('is touched when its offer is another one', () => {
    const { offers } = shipped.playbook;
    const entries = Object.entries(offers.byName);
    const cut = (isCut: (name: string) => boolean) => ({
      ...offers,
      byName: Object.fromEntries(
        entries.map(([name, offer]) => [name, isCut(name) ? { ...offer, worth: [{ percent: 1 }] } : offer]),
      ),
    });
    const name = findStep(shipped.playbook, 'win-back', 'offer')?.step.offer;
    expect(touches(ruled({ offers: cut(() => true) }), SHOWING.offer)).toBe(true);
    expect(touches(ruled({ offers: cut((each) => each === name) }), SHOWING.offer)).toBe(true);
    expect(touches(ruled({ offers: { ...offers, barred: offers.barred + 1 } }), SHOWING.offer)).toBe(true);
    expect(touches(ruled({ offers: cut(() => true) }), SHOWING.improvements)).toBe(false);
  });

  it('is touched by the rules for all mail, and for promotional mail if it is some', () => {
    const { caps, quietHours, cooldown, bounces, traits, stages, attention } = shipped.playbook;
    const promotional = [
      { caps: { ...caps, perWeek: caps.perWeek + 1 } },
      { quietHours: { ...quietHours, from: quietHours.from + 1 } },
      { cooldown: cooldown + 1 },
      { bounces: { ...bounces, rest: bounces.rest + 1 } },
    ];
    const all = [
      { traits: { ...traits, ready: { lasts: traits.ready.lasts + 1 } } },
      { stages: { ...stages, onboardingWindow: stages.onboardingWindow + 1 } },
    ];
    const touched = (key: string) => [...promotional, ...all].map((rules) => touches(ruled(rules), key));
    expect(touched(SHOWING.offer)).toEqual([true, true, true, true, true, true]);
    expect(touched(SHOWING.apology)).toEqual([false, false, false, false, true, true]);
    expect(touches(ruled({ attention: { ...attention, answer: 'low' } }), SHOWING.offer)).toBe(false);
  });

  it('is counted once for all reasons, however much differs', async () => {
    const census = new MemoryCensus(() => [waiting('c', SHOWING.offer)], 4);
    const { caps } = shipped.playbook;
    const after = { ...ruled({ caps: { ...caps, perWeek: 0 } }), templates: {} };
    const { touched } = await countWaiting(census, shipped, after, START, () => undefined);
    expect(touched).toEqual({ 'win-back/offer': 1 });
  });

  it('is not touched by the same release as it is read back from where it was stored', () => {
    const stored: Pick<Edition, 'playbook' | 'manifest'> = JSON.parse(JSON.stringify(shipped));
    const keys = [WELCOME, GUIDE, ...Object.values(SHOWING)];
    expect(keys.filter((key) => touches({ ...shipped, ...stored, parts: shipped.parts }, key))).toEqual([]);
  });

  it('that no release knows is none the worse', () => {
    expect(touches(shipped, '1/onboarding/nothing/1')).toBe(false);
  });
});

describe('what waits', () => {
  it('is counted over all pages, step by step, the most first', async () => {
    const people = [
      ...Array.from({ length: 5 }, (_, index) => waiting(`a-${index}`, GUIDE)),
      ...Array.from({ length: 7 }, (_, index) => waiting(`b-${index}`, WELCOME, GUIDE)),
      waiting('c', '1/recovery/apology/k'),
    ];
    const told: number[] = [];
    const census = new MemoryCensus(() => people, 4);
    const after = {
      ...rewritten('templates/onboarding/guide/en.json'),
      templates: {
        ...shipped.templates,
        'templates/onboarding/guide/en.json': 'another',
        'templates/onboarding/welcome/en.json': 'another',
      },
    };
    const found = await countWaiting(census, shipped, after, START, (count) => told.push(count));
    expect(found).toEqual({
      customers: 13,
      messages: 20,
      touched: { 'onboarding/guide': 12, 'onboarding/welcome': 7 },
    });
    expect(Object.keys(found.touched)).toEqual(['onboarding/guide', 'onboarding/welcome']);
    expect(told).toEqual([4, 8, 12, 13]);
  });
});
