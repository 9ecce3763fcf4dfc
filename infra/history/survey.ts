/** Decides for a whole file what single cells leave open: which of two numbers is the day, what stands before decimals. */
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { digitsOf } from '../../shared/lifecycle/facts/money.ts';
import { type DecimalMark, markToldBy, other, readAmount } from './amounts.ts';
import { bare } from './cell.ts';
import type { Field, Places } from './columns.ts';
import { type DateOrder, hasHalfDays, orderToldBy, readDate } from './dates.ts';
import { openText } from './encoding.ts';
import type { ReadingOptions } from './reading.ts';
import { readRecords } from './records.ts';

/** Cells that all say the same are enough when there are so many of them. */
const ENOUGH = 10_000;

export interface Survey {
  readonly dateOrder: DateOrder;
  readonly decimalMark: DecimalMark;
  /** What was decided and by what, in whole sentences. */
  readonly notes: readonly string[];
}

interface Votes {
  dmy: number;
  mdy: number;
  /** The first line with a date that can be read in one order only, of each. */
  readonly firstLine: { dmy?: number; mdy?: number };
  /** Cells that fit both orders. */
  open: number;
  halfDays: number;
  /** Milliseconds from row to row, added up, in each of the two orders. */
  readonly steps: { dmy: number; mdy: number };
  readonly last: { dmy: number; mdy: number };
  readonly marks: Record<DecimalMark, number>;
  /** Amounts that fit both, by the mark they have. */
  readonly openMarks: Record<DecimalMark, number>;
}

const asWritten = (wall: number): number => wall;

/** Reads the file until enough cells have said the same, or to its end. */
export async function surveyOf(
  file: string,
  { delimiter, places }: { readonly delimiter: string; readonly places: Places },
  { dates, amounts }: { readonly dates: readonly Field[]; readonly amounts: readonly Field[] },
  options: ReadingOptions,
): Promise<Survey> {
  const votes: Votes = {
    dmy: 0,
    mdy: 0,
    firstLine: {},
    open: 0,
    halfDays: 0,
    steps: { dmy: 0, mdy: 0 },
    last: { dmy: NaN, mdy: NaN },
    marks: { '.': 0, ',': 0 },
    openMarks: { '.': 0, ',': 0 },
  };
  const { chunks } = await openText(file, options);
  await readRecords(
    chunks,
    { delimiter },
    (cells, _begins, line) => {
      for (const field of dates) countDate(bare(cells[places.get(field) ?? -1] ?? ''), line, votes);
      for (const field of amounts) countAmount(bare(cells[places.get(field) ?? -1] ?? ''), votes);
      return !(
        isClear(votes.dmy, votes.mdy, votes.open) && isClear(votes.marks['.'], votes.marks[','], openMarks(votes))
      );
    },
    () => undefined,
  );
  const date = orderBy(votes, delimiter);
  const mark = markBy(votes, options.currency);
  return {
    dateOrder: date.order,
    decimalMark: mark.mark,
    notes: [
      ...((votes.open > 0 || isContradictory(votes)) && options.dateOrder === undefined ? [date.note] : []),
      ...(openMarks(votes) > 0 && options.decimalMark === undefined ? [mark.note] : []),
    ],
  };
}

/** Nothing is open, or enough of them speak with one voice. */
function isClear(one: number, two: number, open: number): boolean {
  return Math.max(one, two) >= ENOUGH && Math.min(one, two) === 0 && open > 0;
}

function openMarks({ openMarks: { '.': points, ',': commas } }: Votes): number {
  return points + commas;
}

function countDate(text: string, line: number, votes: Votes): void {
  if (text === '') return;
  const order = orderToldBy(text);
  if (order !== undefined) {
    votes[order] += 1;
    votes.firstLine[order] ??= line;
  } else if (readDate(text, { toInstant: asWritten }) === 'ambiguous') {
    votes.open += 1;
    if (hasHalfDays(text)) votes.halfDays += 1;
    for (const each of ['dmy', 'mdy'] as const) {
      const at = readDate(text, { order: each, toInstant: asWritten });
      if (typeof at !== 'number') continue;
      if (!Number.isNaN(votes.last[each])) votes.steps[each] += Math.abs(at - votes.last[each]);
      votes.last[each] = at;
    }
  }
}

/** Some dates can be read in one order only, and others only in the other one. */
function isContradictory({ dmy, mdy }: Votes): boolean {
  return dmy > 0 && mdy > 0;
}

function countAmount(text: string, votes: Votes): void {
  if (text === '') return;
  const mark = markToldBy(text);
  if (mark !== undefined) votes.marks[mark] += 1;
  else if (readAmount(text) === 'ambiguous') votes.openMarks[text.includes(',') ? ',' : '.'] += 1;
}

interface DateDecision {
  readonly order: DateOrder;
  readonly note: string;
}

interface MarkDecision {
  readonly mark: DecimalMark;
  readonly note: string;
}

function dateOrder(order: DateOrder, why: string): DateDecision {
  const [meaning, opposite] = order === 'dmy' ? ['3 May, the day first', 'mdy'] : ['5 March, the month first', 'dmy'];
  return {
    order,
    note: `Dates such as 3/5/2024 are read as ${meaning}: ${why}. The other way: --date-order ${opposite}`,
  };
}

function decimalMark(mark: DecimalMark, why: string): MarkDecision {
  const meaning =
    mark === '.' ? '1,234 are read as 1234, and 1.234 as 1.23' : '1.234 are read as 1234, and 1,234 as 1.23';
  return { mark, note: `Amounts such as ${meaning}: ${why}. The other way: --decimal "${other(mark)}"` };
}

function orderBy(votes: Votes, delimiter: string): DateDecision {
  const { dmy, mdy, open, halfDays, steps } = votes;
  if (dmy !== mdy) {
    const order = dmy > mdy ? 'dmy' : 'mdy';
    return dateOrder(order, isContradictory(votes) ? contradiction(order, votes) : onlySo(votes[order]));
  }
  if (isContradictory(votes)) {
    // As many say one thing as the other: the rest of the file decides, and a person should look at it.
    const { order } = orderBy({ ...votes, dmy: 0, mdy: 0 }, delimiter);
    return dateOrder(order, `${contradiction(order, votes)}; CHECK THIS`);
  }
  // Rows follow each other in time as a rule; the wrong order makes the time between them jump.
  const closely = `in this order the ${plural(open, 'date')} follow each other more closely`;
  if (steps.dmy * 2 < steps.mdy) return dateOrder('dmy', closely);
  if (steps.mdy * 2 < steps.dmy) return dateOrder('mdy', closely);
  if (halfDays > 0) return dateOrder('mdy', 'no date tells, but times are given with AM and PM');
  const comma = votes.marks[','] > votes.marks['.'] || delimiter === ';';
  return dateOrder('dmy', comma ? 'no date tells, but the file is written as in Europe' : 'no date tells; CHECK THIS');
}

function onlySo(dates: number): string {
  return `${plural(dates, 'date')} can only be read so`;
}

/** How many dates can only be read in this order, and how many only in the other one; with a line of each to look at. */
function contradiction(order: DateOrder, votes: Votes): string {
  const against = order === 'dmy' ? 'mdy' : 'dmy';
  const { [order]: line = 0, [against]: otherLine = 0 } = votes.firstLine;
  const refused = votes[against];
  return `${onlySo(votes[order])}, first on line ${line}; ${refused} only the other way, first on line ${otherLine}, and ${refused === 1 ? 'is' : 'are'} refused`;
}

function markBy({ marks, openMarks: open }: Votes, currency: string | undefined): MarkDecision {
  if (marks['.'] !== marks[','])
    return decimalMark(marks['.'] > marks[','] ? '.' : ',', 'so the other amounts of the file are written');
  const seen: DecimalMark = open['.'] >= open[','] ? '.' : ',';
  if (currency !== undefined && digitsOf(currency) === 3) return decimalMark(seen, `${currency} has three decimals`);
  return decimalMark(other(seen), 'three digits follow the mark everywhere, as thousands do');
}
