/**
 * What "a million events" are: shares of event types that add up to one. The one beside this file has twenty looks for each
 * order, as a shop has that tells everything it knows; looks are the dearest per order and the cheapest each.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../local/usage-error.ts';
import type { Counted } from './counted.ts';

const mixFile = z.array(z.strictObject({ type: z.string(), share: z.number().positive() }));

export type Mix = z.output<typeof mixFile>;

export const MIX_FILE = join(import.meta.dirname, 'mix.json');

/** Shares are written with a few digits. */
const ROUNDING = 1e-6;

/** @throws UsageError when there is no such file, a type is unknown, or the shares do not add up to one */
export async function readMix(file: string, { events }: Counted): Promise<Mix> {
  let mix: Mix;
  try {
    mix = mixFile.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new UsageError(`--mix: ${file} is no list of {"type", "share"} as infra/cost/mix.json is one`, { cause });
  }
  const unknown = mix.find(({ type }) => !Object.hasOwn(events, type));
  if (unknown !== undefined) {
    throw new UsageError(`--mix: expected one of ${Object.keys(events).join(', ')}, found "${unknown.type}"`);
  }
  const sum = mix.reduce((all, { share }) => all + share, 0);
  if (Math.abs(sum - 1) > ROUNDING) throw new UsageError(`--mix: expected shares that add up to 1, found ${sum}`);
  return mix;
}
