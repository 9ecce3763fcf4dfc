import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { AA_CONTRAST, contrast } from '../../shared/email/contrast.ts';
import type { Release } from '../../shared/email/release.ts';
import { render, type RenderedMail, RenderFailed } from '../../shared/email/render.ts';
import { fullSample, leanSample } from '../../shared/email/sample.ts';
import { type ViewInput, viewOf } from '../../shared/email/view.ts';
import { answersOwnCase } from '../../shared/lifecycle/customer/permit.ts';
import { findStep, type Placed } from '../../shared/lifecycle/playbook.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { SHIPPED_CONTENT, shippedRelease } from './content-copy.ts';

/** Every step of the playbook, and each of its variants. */
const STEPS = SHIPPED.programmes.flatMap(({ id, series }) =>
  series.flatMap((each) =>
    each.steps.flatMap((step): string[] => [
      `${id}/${step.id}`,
      ...(step.variants ?? []).map((variant) => `${id}/${step.id} ${variant}`),
    ]),
  ),
);

let release: Release;

beforeAll(async () => {
  release = await shippedRelease();
});

function split(name: string): { programme: string; step: string; variant: string | undefined } {
  const [path = '', variant] = name.split(' ');
  const [programme = '', step = ''] = path.split('/');
  return { programme, step, variant };
}

function placedOf(name: string): Placed {
  const { programme, step } = split(name);
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${name}`);
  return placed;
}

type Change = (full: ViewInput, lean: ViewInput) => ViewInput;

function renderFor(name: string, change: Change = (full) => full): RenderedMail {
  const { programme, step, variant } = split(name);
  const template = release.template(programme, step, 'en', variant);
  expect(template.variant).toBe(variant);
  const placed = placedOf(name);
  const input = change(fullSample(release, placed), leanSample(release, placed));
  return render(template, viewOf(input, template.formatting));
}

const isOf = (name: string, kind: 'service' | 'promotional') => placedOf(name).step.class === kind;

const MARKUP = '<script>alert("1")</script>';

describe('the shipped templates', () => {
  it('are exactly the steps of the programmes, in each language of the shop', () => {
    for (const locale of release.shop.locales) {
      const written = release.templates.filter((each) => each.locale === locale);
      const names = written.map(({ programme, step, variant }) =>
        variant === undefined ? `${programme}/${step}` : `${programme}/${step} ${variant}`,
      );
      expect(names.toSorted()).toEqual([...STEPS].toSorted());
    }
  });

  it('escape values in HTML, and in HTML only', () => {
    const complaint = { complaintId: 'C1', openedAt: 0, channel: 'email', outcome: MARKUP };
    const mail = renderFor('recovery/resolved', (full) => ({ ...full, complaint }));
    expect(mail.html).toContain('&lt;script&gt;');
    expect(mail.text).toContain(MARKUP);
  });

  it('do not obey Liquid that came with the data', () => {
    const outcome = '{{ shop.url }}{% if %}';
    const complaint = { complaintId: 'C1', openedAt: 0, channel: 'email', outcome };
    expect(renderFor('recovery/resolved', (full) => ({ ...full, complaint })).text).toContain(outcome);
  });

  it('alternative texts stand for product pictures', () => {
    const { html } = renderFor('onboarding/welcome');
    expect(html).toContain('alt="Stoneware teapot, ash glaze"');
  });
});

describe('welcome', () => {
  it('thanks, repeats the order and names every contact channel', () => {
    const { html, text } = renderFor('onboarding/welcome');
    for (const part of [html.replaceAll(/<\/?bdi[^>]*>/g, ''), text]) {
      expect(part).toContain('Thank you');
      expect(part).toContain('Stoneware teapot, ash glaze');
      expect(part).toContain('84.50');
      expect(part).toContain('and 4 more');
      for (const channel of ['hello@shop.example.com', '+44 20 7946 0018', '/chat', '/help', 'Monday to Friday']) {
        expect(part).toContain(channel);
      }
    }
  });

  it.each(['welcome', 'guide', 'check-in'])('%s speaks of the return to those who came back', (step) => {
    const first = renderFor(`onboarding/${step}`);
    const again = renderFor(`onboarding/${step} returning`);
    expect(again.text).toMatch(/welcome back|another chance/i);
    expect(first.text).not.toMatch(/welcome back|another chance/i);
  });
});

it.each([
  ['in full', { brief: false, reasons: false }],
  ['in brief', { brief: true, reasons: false }],
])('the comparison of a cart that is empty by now says nothing of what is in it, %s', (_how, form) => {
  const { text } = renderFor('nurture/cart-comparison', (full) => ({ ...full, form, cart: { items: [] } }));
  expect(text).not.toMatch(/here is what is in your cart/u);
  expect(text).toMatch(/figures to compare it by/u);
});

describe('win-back', () => {
  it('asks without selling', () => {
    const { html, text } = renderFor('win-back/ask');
    expect(html).not.toContain('ANNA-7Q2K');
    expect(text).not.toMatch(/\b(offer|discount|sale|new arrivals)\b/i);
  });

  it('asks one question, each answer a link of its own, in the words of the page', () => {
    const { reason } = release.questions;
    if (reason === undefined) throw new Error('the shipped mail asks for the reason');
    const ids = Object.keys(reason.answers);
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(ids.length).toBeLessThanOrEqual(5);
    const urls = Object.fromEntries(ids.map((id) => [id, `https://m.example.com/a/${id}`]));
    const { html, text } = renderFor('win-back/ask', (full) => ({ ...full, asked: { question: reason, urls } }));
    expect(text).toContain(reason.text['en']);
    for (const [id, label] of Object.entries(reason.answers)) {
      expect(text).toContain(`${label['en']} <https://m.example.com/a/${id}>`);
      expect(html).toMatch(new RegExp(`<a [^>]*href="https://m.example.com/a/${id}"`, 'u'));
    }
    // One answer to a line, and an empty one before the mail goes on.
    const lines = text.split('\n');
    const last = lines.findLastIndex((line) => line.includes('https://m.example.com/a/'));
    expect(lines.slice(last - ids.length + 1, last + 1).join('\n')).not.toContain('\n\n');
    expect(lines[last + 1]).toBe('');
  });

  it('is whole without its question', () => {
    const { text } = renderFor('win-back/ask', ({ asked: _asked, ...full }) => full);
    expect(text).not.toContain('Pick what fits best');
    expect(text).toContain('Warm regards');
  });

  it('claims the dated improvements it was given and no other', () => {
    const [first, second] = release.improvements.toSorted((a, b) => a.date.localeCompare(b.date));
    const { text } = renderFor('win-back/improved', (full) => ({ ...full, improvements: first ? [first] : [] }));
    expect(text).toContain(first?.title['en']);
    expect(text).toContain('June 15, 2026');
    expect(text).not.toContain(second?.title['en']);
  });

  it('has an improvement to tell or is not rendered', () => {
    expect(() => renderFor('win-back/improved', (full) => ({ ...full, improvements: [] }))).toThrow(RenderFailed);
  });

  it('states code, value, expiry, terms, how the offer was chosen, and that it is the last mail', () => {
    const { text } = renderFor('win-back/offer');
    expect(text).toContain('ANNA-7Q2K');
    expect(text).toContain('15% off');
    expect(text).toContain('December 4, 2026');
    expect(text).toContain('Once per person, on one order of any size');
    expect(text).toMatch(/rule chose this offer from your dealings with us/);
    expect(text).toMatch(/last email/);
  });

  it.each(['offer', 'unsubscribeUrl'] as const)('does not render the offer mail without %s', (missing) => {
    const without = (full: ViewInput): ViewInput => ({ ...full, [missing]: undefined });
    expect(() => renderFor('win-back/offer', without)).toThrow(RenderFailed);
  });
});

describe('service mail', () => {
  const service = STEPS.filter((name) => answersOwnCase(placedOf(name)));
  const promotional = STEPS.filter((name) => isOf(name, 'promotional'));

  it.each(STEPS)('%s is not rendered without the way out', (name) => {
    for (const missing of ['unsubscribeUrl', 'preferencesUrl']) {
      expect(() => renderFor(name, (full) => ({ ...full, [missing]: undefined }))).toThrow(RenderFailed);
    }
  });

  const GOES_ON = 'Emails about it continue until it is settled.';
  const unsettled = ['apology', 'status', 'still-open'].map((step) => `recovery/${step}`);

  it.each(service)('%s says what unsubscribing does not end', (name) => {
    expect(renderFor(name).text).toContain('Unsubscribe from all other emails');
  });

  it.each(unsettled)('%s says that it goes on until it is settled', (name) => {
    expect(renderFor(name).text).toContain(GOES_ON);
  });

  it.each(STEPS.filter((name) => !unsettled.includes(name)))('%s promises no further mail about it', (name) => {
    expect(renderFor(name).text).not.toContain(GOES_ON);
  });

  it.each(promotional)('%s says why it came, to whoever has bought and whoever has not', (name) => {
    expect(renderFor(name).text).toContain('you have signed up with Kettle & Fern or bought something there');
  });
});

const usual = (full: ViewInput): ViewInput => full;
const brief = (full: ViewInput): ViewInput => ({ ...full, form: { brief: true, reasons: false } });
const reasons = (full: ViewInput): ViewInput => ({ ...full, form: { brief: false, reasons: true } });
const both = (full: ViewInput): ViewInput => ({ ...full, form: { brief: true, reasons: true } });
const texts = (name: string): Record<string, string> => {
  const { programme, step, variant } = split(name);
  const read = (file: string): Record<string, string> =>
    JSON.parse(readFileSync(join(SHIPPED_CONTENT, 'templates', programme, step, file), 'utf8'));
  return { ...read('en.json'), ...(variant === undefined ? {} : read(`en.${variant}.json`)) };
};
/** The parts of a text that are the same in every mail, without those any other text might have, too. */
const fixed = (text = '') =>
  text
    .split(/\{\{.*?\}\}|\{%.*?%\}|\*\*|\[|\]\([^)]*\)/u)
    .map((part) => part.trim())
    .filter((part) => part.length > 12);
const says = (mail: string, text: string | undefined) => fixed(text).some((part) => mail.includes(part));

describe('the form', () => {
  it.each(STEPS)('of %s in brief is the summary instead of the body', (name) => {
    const { summary, intro } = texts(name);
    const long = renderFor(name).text;
    const short = renderFor(name, brief).text;
    expect(says(short, summary)).toBe(true);
    expect(fixed(intro).every((part) => short.includes(part))).toBe(false);
    expect(says(long, intro)).toBe(true);
    expect(short).not.toContain('Why this is good for you');
  });

  it.each(STEPS)('of %s for those who want reasons has at least two of them', (name) => {
    const { reasonOne, reasonTwo, intro } = texts(name);
    for (const text of [renderFor(name, reasons).text, renderFor(name, both).text]) {
      expect(says(text, reasonOne)).toBe(true);
      expect(says(text, reasonTwo)).toBe(true);
    }
    expect(says(renderFor(name, reasons).text, intro)).toBe(true);
    expect(renderFor(name, reasons).text).toContain('Why this is good for you');
    expect(renderFor(name, both).text).not.toContain('Why this is good for you');
    expect(says(renderFor(name).text, reasonOne)).toBe(false);
  });

  const offering = STEPS.filter((name) => placedOf(name).step.offer !== undefined);
  it.each(offering)('of %s never hides code, value, date, terms, or why the reader got it', (name) => {
    for (const form of [usual, brief, reasons, both]) {
      const { text } = renderFor(name, form);
      for (const part of ['ANNA-7Q2K', '15% off', 'December 4, 2026', 'Once per person', 'a fixed rule']) {
        expect(text).toContain(part);
      }
    }
  });

  const asking = STEPS.filter((name) => placedOf(name).step.asks !== undefined);
  it.each(asking)('of %s asks its question, with one link for each answer', (name) => {
    const { question = '', answers = [] } = placedOf(name).step.asks ?? {};
    for (const form of [usual, brief]) {
      const { text, html } = renderFor(name, form);
      const { text: asked, answers: labels } = release.questions[question] ?? { text: {}, answers: {} };
      expect(text).toContain(asked['en']);
      const links = answers.map((answer) => `>${labels[answer]?.['en']}</a>`);
      for (const link of links) expect(html.replaceAll('&#39;', "'").split(link)).toHaveLength(2);
    }
  });

  const acting = STEPS.filter((name) => placedOf(name).step.action !== undefined);
  it.each(acting)('of %s has its button', (name) => {
    for (const form of [usual, brief]) {
      expect(renderFor(name, form).html).toContain('href="https://shop.example.com/checkout/sample"');
    }
  });

  it('in brief keeps the ways to reach us in one line', () => {
    const { text } = renderFor('onboarding/welcome', brief);
    expect(text).toMatch(/^A person answers: hello@shop\.example\.com, \+44 20 7946 0018/mu);
  });

  it('in brief keeps the options, one of them marked', () => {
    const options = [
      { name: 'Stoneware teapot', price: { minor: 6400, currency: 'EUR' }, marked: true },
      { name: 'Gaiwan', text: { en: 'For one cup at a time.' }, marked: false },
    ];
    const { text, html } = renderFor('nurture/recommendation', (full) => ({ ...brief(full), options }));
    expect(text.split('Our suggestion').length - 1).toBe(1);
    for (const each of ['Stoneware teapot', '€64.00', 'Gaiwan', 'For one cup at a time.']) expect(html).toContain(each);
    const withReasons = renderFor('nurture/recommendation', (full) => ({ ...both(full), options }));
    expect(withReasons.html).toContain('Gaiwan');
    expect(withReasons.html).not.toContain('For one cup at a time.');
  });
});

describe('a key account', () => {
  it('is written to by a person', () => {
    const contact = { name: 'Ruth Berg', email: 'ruth@shop.example.com' };
    const { text } = renderFor('retention/key-check-in', (full) => ({ ...full, contact }));
    expect(text).toContain('Ruth Berg');
    expect(text).toContain('your contact at Kettle & Fern');
    expect(text).toContain('ruth@shop.example.com');
    expect(text).not.toContain('Maja Lind');
  });

  it('and nobody else is', () => {
    const { text } = renderFor('onboarding/welcome', ({ contact: _contact, ...full }) => full);
    expect(text).toContain('and everyone at Kettle & Fern');
    expect(text).not.toContain('your contact at');
  });
});

describe('contrast', () => {
  it('is measured as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it.each(STEPS)('%s uses only colours of the palette, each readable', (name) => {
    const { html } = renderFor(name);
    const { light, dark } = release.shop.colours;
    const used = new Set(html.match(/#[0-9a-f]{6}\b/gi));
    // MJML hides the preheader in white on nothing.
    used.delete('#ffffff');
    const palette = new Set<string>([...Object.values(light), ...Object.values(dark)]);
    expect([...used].filter((colour) => !palette.has(colour))).toEqual([]);
    for (const { ink, muted, accent, onAccent, card, ground } of [light, dark]) {
      for (const back of [card, ground]) {
        for (const front of [ink, muted, accent]) expect(contrast(front, back)).toBeGreaterThanOrEqual(AA_CONTRAST);
      }
      expect(contrast(onAccent, accent)).toBeGreaterThanOrEqual(AA_CONTRAST);
    }
  });
});
