/** Mails in brief, about everything that the shop has something to say about: the wordiest of it is within 120 words, too. */
import { beforeAll, expect, it } from 'vitest';
import { type Library, linksFor, optionsFor, priceFor, topicName } from '../../shared/email/library.ts';
import type { Release } from '../../shared/email/release.ts';
import { render } from '../../shared/email/render.ts';
import { fullSample } from '../../shared/email/sample.ts';
import { checkTone, type ToneByLocale, toneSchema } from '../../shared/email/tone.ts';
import { viewOf, type ViewInput } from '../../shared/email/view.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { SHIPPED_CONTENT, shippedRelease } from './content-copy.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

let release: Release;
let tone: ToneByLocale;

beforeAll(async () => {
  release = await shippedRelease();
  tone = toneSchema.parse(JSON.parse(await readFile(join(SHIPPED_CONTENT, 'tone.json'), 'utf8')));
});

const EMPTY: Library = { general: { links: {} }, articles: {}, categories: {} };

/** What somebody who declared both styles gets of a template, about each topic and about an article with a long name. */
function* inputsFor(programme: string, step: string, locale: string): Generator<[about: string, ViewInput]> {
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no step ${programme}/${step}`);
  const { library } = release;
  const offers = SHIPPED.offers.byName;
  yield ['nothing in the library', fullSample({ ...release, library: EMPTY, offers }, placed, locale)];
  const full = fullSample({ ...release, offers }, placed, locale);
  const { articles, categories } = library;
  const topics = [
    {},
    ...Object.keys(articles).map((sku) => ({ sku })),
    ...Object.keys(categories).map((category) => ({ category })),
  ];
  if (placed.step.content !== undefined || placed.step.needs?.includes('options') === true) {
    for (const topic of topics) {
      const content = linksFor(library, placed.step.content ?? [], topic);
      const named = topicName(library, topic);
      const about = { content, options: optionsFor(library, topic), price: priceFor(library, topic) };
      yield [JSON.stringify(topic), { ...full, ...about, topic: named }];
    }
  }
  const item = { name: 'o '.repeat(60), quantity: 1, price: { minor: 123_456_789, currency: 'SEK' } };
  const { order, cart, change, contact } = full;
  yield [
    'long names, a large sum and an order number in groups',
    {
      ...full,
      order: order && { ...order, orderId: '2026 11 10482 SE', items: [item], total: item.price },
      cart: cart && { ...cart, items: [item], total: item.price },
      change: change && { ...change, cost: item.price },
      options: [{ name: item.name, price: item.price, marked: true }],
      contact: contact && { ...contact, name: 'Anna Maria Lind Berg, Key Account Manager' },
    },
  ];
}

it('says with the reasons what it has to in 120 words, whatever it is about', () => {
  const found: string[] = [];
  for (const { programme, step, locale, variant } of release.templates) {
    const template = release.template(programme, step, locale, variant);
    const placed = findStep(SHIPPED, programme, step);
    const words = tone[locale];
    if (placed === undefined || words === undefined)
      throw new Error(`${programme}/${step} cannot be judged in ${locale}`);
    for (const [about, input] of inputsFor(programme, step, locale)) {
      const view = viewOf({ ...input, form: { brief: true, reasons: true } }, locale);
      const judged = checkTone({ placed, variant, view, mail: render(template, view) }, words);
      for (const { problem } of judged) {
        if (problem.startsWith('in brief'))
          found.push(`${programme}/${step} ${locale} ${variant ?? ''} ${about}: ${problem}`);
      }
    }
  }
  expect(found).toEqual([]);
});
