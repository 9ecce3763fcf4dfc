/** What the data files of the content are made of: texts by language, and addresses that are safe to link. */
import * as z from 'zod/mini';
import { NAME, NAME_EXPECTED } from '../lifecycle/name.ts';
import { FALLBACK_LOCALE } from './locale.ts';
import { wrongWithAddress } from './public-address.ts';

export const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(600));

export const httpsUrl = z
  .url({ protocol: /^https$/ })
  .check(z.refine((url) => wrongWithAddress(url) === undefined, 'expected an address that everybody can open'));

/** One text per locale; the fallback locale is required. */
export const localised = z
  .record(z.string(), text)
  .check(z.refine((texts) => FALLBACK_LOCALE in texts, `expected at least the locale "${FALLBACK_LOCALE}"`));

export type Localised = z.infer<typeof localised>;

/** A name that other files and the playbook refer to. */
export const id = z.string().check(z.regex(NAME, NAME_EXPECTED));
