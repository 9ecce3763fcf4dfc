/**
 * What a shop says about itself, what it has improved, what it asks, and what it gives for staying: the small data files
 * of the content, once parsed.
 */
import * as z from 'zod/mini';
import { AA_CONTRAST, contrast } from './contrast.ts';
import { httpsUrl, id, localised, text } from './fields.ts';
import { FALLBACK_LOCALE } from './locale.ts';

const colour = z.string().check(z.regex(/^#[0-9a-f]{6}$/, 'expected a colour such as #a8431f, in lower case'));

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
  /** The languages every mail is written in; texts in any other are in preparation. */
  locales: z
    .array(z.string().check(z.regex(/^[a-z]{2,3}(?:-[A-Z]{2})?$/u, 'expected a language such as "sv" or "pt-BR"')))
    .check(z.refine((locales) => locales.includes(FALLBACK_LOCALE), `expected "${FALLBACK_LOCALE}" among them`)),
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
  /** The contact of key accounts that have no named one of their own. */
  accountManager: z.strictObject({ name: text, email: z.email() }),
  colours: z.strictObject({ light: palette, dark: palette }),
});

export const improvementsSchema = z.array(
  z.strictObject({
    /** The day since which it holds, YYYY-MM-DD. */
    date: z.iso.date(),
    /** The reason that it answers: an answer to the question `reason`. */
    reason: id,
    title: localised,
    text: localised,
  }),
);

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

/** What orders earn: one more of a kind at each of these counts. */
export const benefitsSchema = z.array(
  z.strictObject({
    name: localised,
    /** From this many orders on. */
    orders: z.int().check(z.positive()),
  }),
);

/** What we answer to a stated objection, by its name. */
export const objectionsSchema = z.record(id, z.strictObject({ title: localised, text: localised }));

/** What other suppliers lack and we have, by their name in small letters. */
export const suppliersSchema = z.record(
  z.string().check(z.regex(/^[^A-Z]+$/u, 'expected a name in small letters')),
  z.strictObject({ name: text, gap: localised }),
);

export type Shop = z.infer<typeof shopSchema>;
export type Improvement = z.infer<typeof improvementsSchema>[number];
export type Question = z.infer<typeof questionsSchema>[string];
export type Benefit = z.infer<typeof benefitsSchema>[number];
export type Objection = z.infer<typeof objectionsSchema>[string];
export type Supplier = z.infer<typeof suppliersSchema>[string];
