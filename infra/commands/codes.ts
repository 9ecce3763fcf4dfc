/** The command line of `npm run codes`: loads the codes of a shop, and says what is left of codes and budgets. */
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import { periodAt } from '../../shared/lifecycle/offers/budget.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { inDays } from '../../shared/lifecycle/time.ts';
import { showProgress } from '../local/player/progress.ts';
import { type BadRow, readCodes } from '../local/player/rows.ts';
import { UsageError } from '../local/usage-error.ts';
import { confirmChange, openTarget, readArguments, type Target, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';

const HELP = `Gives an offer the codes the shop has made for it, and says what is left of codes and budgets.

  npm run codes                            every offer of the playbook: what was issued, which codes are left
  npm run codes -- OFFER FILE              loads the codes of a CSV file for an offer with "codes": "pool"
  npm run codes -- OFFER FILE --dry-run    reads the file and loads nothing

FILE has a header line with the column "code"; other columns are left alone. Each code is given to one customer and never
again. Loading a file twice changes nothing: codes that are there keep their claims. Lines that hold no code are named
and left out.

  --dry-run        changes nothing
  --yes            does not ask before it changes a production stage; without a terminal nothing is changed there otherwise

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something in the command to put right.
`;

const OPTIONS = { ...TARGET_OPTIONS, 'dry-run': { type: 'boolean' }, yes: { type: 'boolean' } } as const;

/** Codes loaded at once: one partition of the table takes 1,000 a second, and each takes some milliseconds. */
const AT_ONCE = 8;
/** Refused lines named one by one; the rest is a number. */
const LINES_SHOWN = 100;

interface Loading {
  readonly offer: string;
  readonly file: string;
}

/** @throws UsageError */
export async function codesCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const loading = loadingOf(positionals);
  const target = await openTarget(values);
  try {
    if (loading === undefined) return await stateOf(target);
    return await load(target, loading, values['dry-run'] === true, values.yes === true);
  } finally {
    target.records.close();
  }
}

function loadingOf([offer, file, ...more]: readonly string[]): Loading | undefined {
  if (offer === undefined) return undefined;
  if (file === undefined || more.length > 0)
    throw new UsageError('expected OFFER and FILE; --help explains the command');
  return { offer, file };
}

async function load(target: Target, { offer, file }: Loading, isDry: boolean, isSure: boolean): Promise<string> {
  const { records, playbook, name } = target;
  expectPool(offer, playbook);
  const { rows, bad } = await readCodes(file);
  const codes = [...new Set(rows)];
  const repeated = rows.length - codes.length;
  const found = `${plural(codes.length, 'code')}${repeated > 0 ? ` and ${plural(repeated, 'repetition')}` : ''}`;
  if (isDry) return lines(`${file} holds ${found}. Nothing was changed.`, ...refusals(bad));
  if (!(await confirmChange(target, `Load ${plural(codes.length, 'code')} of ${offer}`, isSure)))
    return 'Nothing was changed.';
  const added = await addAll(records.offers, offer, codes, target.now);
  const { free, claimed } = await records.offers.pool(offer);
  return lines(
    `Loaded ${plural(added, 'new code')} of ${offer} into ${name}; there already: ${codes.length - added}.`,
    `Now free: ${free}; given out: ${claimed}.`,
    ...refusals(bad),
  );
}

/** @throws UsageError when the offer takes no codes */
function expectPool(name: string, { offers: { byName } }: Playbook): void {
  const offer = Object.hasOwn(byName, name) ? byName[name] : undefined;
  const pools = Object.entries(byName).filter(([, { codes }]) => codes === 'pool');
  const those = pools.length > 0 ? pools.map(([each]) => each).join(', ') : 'none';
  if (offer === undefined) {
    throw new UsageError(`the playbook has no offer "${name}"; those that take codes from a file: ${those}`);
  }
  if (offer.codes !== 'pool') {
    throw new UsageError(
      `"${name}" announces codes of its own ("codes": "announce"); ${those} takes codes from a file. Set "codes": "pool" for it in the playbook, and deploy`,
    );
  }
}

/** How many were new. A load that was interrupted is finished by the next one. */
async function addAll(book: OfferBook, offer: string, codes: readonly string[], now: number): Promise<number> {
  const progress = showProgress(process.stderr, 'codes');
  let [next, told, added] = [0, 0, 0];
  const work = async () => {
    for (let code = codes[next]; code !== undefined; code = codes[next]) {
      next += 1;
      if (await book.addCode(offer, code)) added += 1;
      told += 1;
      progress.update({ told, total: codes.length, now });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    progress.stop();
  }
  return added;
}

async function stateOf({ records, playbook, now, name }: Target): Promise<string> {
  const offers = Object.entries(playbook.offers.byName);
  const states = await Promise.all(
    offers.map(async ([id, offer]) => {
      const period = periodAt(id, offer, now);
      const taken = await records.offers.taken(period);
      const { offers: limit, per } = offer.budget;
      const issued = `${taken} of ${limit} issued in the ${inDays(per)} until ${absolute(period.endsAt)}`;
      if (offer.codes !== 'pool') return `${id}: ${issued}`;
      const { free, claimed } = await records.offers.pool(id);
      return `${id}: ${issued}; codes free: ${free}, given out: ${claimed}`;
    }),
  );
  return lines(`Offers in ${name}:`, ...states, '', 'npm run codes -- --help explains the command');
}

function refusals(bad: readonly BadRow[]): readonly string[] {
  if (bad.length === 0) return [];
  const more = bad.length - LINES_SHOWN;
  return [
    `Left out, for they hold no code: ${plural(bad.length, 'line')}.`,
    ...bad.slice(0, LINES_SHOWN).map(({ file, line, reason }) => `  ${file}, line ${line}: ${reason}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}
