/** Unit prices: what AWS lists for one region on one day. Each says what it is the price of, and where it is from. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../local/usage-error.ts';

const price = z.strictObject({
  /** In the file's currency, for `per` of what `unit` says. */
  price: z.number().min(0),
  per: z.number().positive(),
  unit: z.string().min(1),
  source: z.url(),
});

const pricesFile = z.strictObject({
  region: z.string().min(1),
  date: z.iso.date(),
  currency: z.string().length(3),
  prices: z.strictObject({
    busEvent: price,
    archivedGigabyte: price,
    archiveGigabyteMonth: price,
    queueRequest: price,
    invocation: price,
    gigabyteSecond: price,
    readUnit: price,
    writeUnit: price,
    tableGigabyteMonth: price,
    recoveryGigabyteMonth: price,
    keyRequest: price,
    secretMonth: price,
    secretRequest: price,
    metricMonth: price,
    alarmMetricMonth: price,
    dashboardMonth: price,
    logGigabyte: price,
    logGigabyteMonth: price,
    mail: price,
  }),
});

export type PriceList = z.output<typeof pricesFile>;
export type PriceName = keyof PriceList['prices'];

/** Those of us-east-1; the dashboard reckons with them, too. */
export const PRICES_FILE = join(import.meta.dirname, '../../shared/contracts/prices.json');

/** @throws UsageError when there is no such file, or it lacks a price */
export async function readPrices(file: string): Promise<PriceList> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--prices: cannot read ${file}`, { cause });
  }
  try {
    return pricesFile.parse(JSON.parse(text));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError
        ? cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : 'it is no JSON';
    throw new UsageError(`--prices: ${file} is no list of prices as shared/contracts/prices.json is one: ${why}`, {
      cause,
    });
  }
}
