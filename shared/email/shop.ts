/**
 * What a shop says about itself, what it has improved and what it asks: `shop.json`, `improvements.json` and
 * `questions.json`, once parsed.
 */
import * as z from 'zod/mini';
import { NAME, NAME_EXPECTED } from '../lifecycle/name.ts';
import { AA_CONTRAST, contrast } from './contrast.ts';
import { FALLBACK_LOCALE } from './locale.ts';

const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(600));
const httpsUrl = z.url({ protocol: /^https$/ });
const colour = z.string().check(z.regex(/^#[0-9a-f]{6}$/, 'expected a colour such as #a8431f, in lower case'));

/** One text per locale; the fallback locale is required. */
const localised = z
  .record(z.string(), text)
  .check(z.refine((texts) => FALLBACK_LOCALE in texts, `expected at least the locale "${FALLBACK_LOCALE}"`));

const palette = z
  .strictObject({
    /** Behind the card. */
    ground: colour,
    card: colour,
    /** Text and headings. */
    ink: colour,
    /** Small print. */
    muted: colour,
    /** Hairlines; never carries text. */
    line: colour,
    /** Links and the button. */
    accent: colour,
    /** Text on the button. */
    onAccent: colour,
  })
  .check(({ value, issues }) => {
    const pairs = [
      ['ink', 'card'],
      ['ink', 'ground'],
      ['muted', 'card'],
      ['muted', 'ground'],
      ['accent', 'card'],
      ['accent', 'ground'],
      ['onAccent', 'accent'],
    ] as const;
    for (const [front, back] of pairs) {
      const ratio = contrast(value[front], value[back]);
      if (ratio >= AA_CONTRAST) continue;
      const message = `contrast with "${back}" is ${ratio.toFixed(2)}, readable text needs ${AA_CONTRAST}`;
      issues.push({ code: 'custom', input: value, path: [front], message });
    }
  });

export const shopSchema = z.strictObject({
  name: text,
  url: httpsUrl,
  /** Lines of the postal address; commercial mail has to carry one. */
  postalAddress: z.array(text).check(z.minLength(1)),
  contacts: z.strictObject({
    email: z.email(),
    phone: z.string().check(z.regex(/^\+[0-9 ]{7,20}$/, 'expected an international number such as +44 20 7946 0018')),
    chatUrl: httpsUrl,
    helpUrl: httpsUrl,
    hours: localised,
  }),
  /** Who signs the mails. */
  signature: z.strictObject({ name: text, role: localised }),
  colours: z.strictObject({ light: palette, dark: palette }),
});

export const improvementsSchema = z.array(
  z.strictObject({
    /** The day since which it holds, YYYY-MM-DD. */
    date: z.iso.date(),
    /** The reason for leaving that it answers, such as `delivery`. */
    reason: z.string().check(z.regex(/^[a-z][a-z-]*$/, 'expected a lower-case word such as delivery')),
    title: localised,
    text: localised,
  }),
);

const id = z.string().check(z.regex(NAME, NAME_EXPECTED));

/** Questions by id, each with its answers by id; mails and pages say them in the same words. */
export const questionsSchema = z.record(
  id,
  z.strictObject({
    text: localised,
    answers: z
      .record(id, localised)
      .check(z.refine((answers) => Object.keys(answers).length > 1, 'expected at least two answers')),
  }),
);

export type Shop = z.infer<typeof shopSchema>;
export type Improvement = z.infer<typeof improvementsSchema>[number];
export type Question = z.infer<typeof questionsSchema>[string];
