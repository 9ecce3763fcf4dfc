/**
 * `npm run check-event FILE`: says of every event in a file whether it would be taken in, by the very code that takes
 * them in, and names every field that is wrong when not. Nothing is sent anywhere.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { envelopeOf, eventsIn } from '../../shared/lifecycle/events/envelope.ts';
import { EVENT_TYPES } from '../../shared/lifecycle/events/event-types.ts';
import { type Envelope, parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { UsageError } from '../local/usage-error.ts';
import { nearestOf } from '../nearest.ts';
import type { Outcome } from '../outcome.ts';

/** A value is repeated up to this many characters. */
const LONGEST_VALUE = 80;

const HELP = `Says of every event in a file whether Perennial would take it in, and if not, which fields are wrong.

  npm run check-event FILE

FILE is JSON: an EventBridge event ({ "detail-type", "detail" }), an entry of PutEvents ({ "DetailType", "Detail" }, the
detail as text or as an object), a list of either, or the input of aws events put-events ({ "Entries": [...] }).

  ok  Purchase Completed evt-20001
  refused  Purchase Completed  data.total: expected an amount in major units, a number from 0 to 100000000  (got "429")
      and  Purchase Completed  data.currency: expected an ISO 4217 currency code in capitals such as EUR  (got "kr")
  ignored  Product Viewed  expected a customerId: without one it means nothing, and is only counted
  unknown  Purchase Complete   nobody here knows this detail-type; did you mean "Purchase Completed"?

docs/events describes every event. Exit codes: 0 all are taken in, 1 some are not, 2 the file cannot be read.
`;

interface Verdict {
  readonly accepted: boolean;
  readonly lines: readonly string[];
}

/** A field that is wrong. */
interface Fault {
  readonly field: string;
  readonly expected: string;
  readonly got: unknown;
}

function refused(detailType: string, ...faults: readonly Fault[]): Verdict {
  const lines = faults.map(({ field, expected, got }, index) => {
    const value = got === undefined ? 'nothing' : printable(JSON.stringify(got));
    const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}...` : value;
    return `${index === 0 ? 'refused' : '    and'}  ${printable(detailType)}  ${printable(field)}: ${expected}  (got ${shown})`;
  });
  return { accepted: false, lines };
}

/** @param now epoch milliseconds, against which times in the future are judged */
function check(event: unknown, now: number): Verdict {
  const envelope = envelopeOf(event);
  if ('field' in envelope) {
    const { detailType = '?', field, expected } = envelope;
    return refused(detailType, { field, expected, got: field === 'event' ? event : valueAt(event, field) });
  }
  return checkDetail(envelope, now);
}

function checkDetail(envelope: Envelope, now: number): Verdict {
  const { detailType, detail } = envelope;
  const parsed = parseEvent(envelope, now);
  switch (parsed.kind) {
    case 'event':
      return { accepted: true, lines: [`ok  ${detailType} ${printable(parsed.event.id)}`] };
    case 'refused':
      return refused(
        detailType,
        ...parsed.all.map(({ field, expected }) => ({ field, expected, got: valueAt(detail, field) })),
      );
    case 'anonymous': {
      const line = `ignored  ${detailType}  expected a customerId: without one it means nothing, and is only counted`;
      return { accepted: false, lines: [line] };
    }
    case 'unknown': {
      const guess = `did you mean "${nearestOf(TYPE_NAMES, detailType)}"?`;
      return {
        accepted: false,
        lines: [`unknown  ${printable(detailType)}  nobody here knows this detail-type; ${guess}`],
      };
    }
    default:
      return parsed satisfies never;
  }
}

/** What stands at a path such as `data.items[2].price`. */
function valueAt(detail: unknown, field: string): unknown {
  if (field === 'detail') return detail;
  return field.split(/[.[\]]+/u).reduce((value: unknown, key) => {
    if (key === '' || typeof value !== 'object' || value === null) return key === '' ? value : undefined;
    return Object.entries(value).find(([name]) => name === key)?.[1];
  }, detail);
}

/** Text from a file cannot move the cursor of the terminal it is shown in. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?');
}

const TYPE_NAMES = EVENT_TYPES.map(({ type }) => type);

/** @throws UsageError in one line */
async function read(file: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read ${file}: ${oneLine(cause)}`, { cause });
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\u{FEFF}/u, ''));
  } catch (cause) {
    throw new UsageError(`${file} is not JSON: ${oneLine(cause)}`, { cause });
  }
  const events = eventsIn(content);
  if (events.length === 0) throw new UsageError(`${file} holds no event`);
  return events;
}

function oneLine(cause: unknown): string {
  return printable((cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/gu, ' '));
}

/** Undefined when help was asked for. @throws UsageError in one line */
function fileOf(args: readonly string[]): string | undefined {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  } catch (cause) {
    // Node adds advice on quoting after the first sentence; it would not help here.
    const [sentence] = oneLine(cause).split('. ', 1);
    throw new UsageError(`${sentence}; --help explains the command`, { cause });
  }
  if (parsed.values.help === true) return undefined;
  const [file, ...more] = parsed.positionals;
  if (file === undefined || more.length > 0) throw new UsageError('expected one FILE; --help explains the command');
  return file;
}

/** @throws UsageError when the file is none, or holds no event */
export async function checkEventCommand(args: readonly string[]): Promise<Outcome> {
  const file = fileOf(args);
  if (file === undefined) return { text: HELP, exitCode: 0 };
  const now = Date.now();
  const verdicts = (await read(file)).map((event) => check(event, now));
  const text = verdicts.flatMap(({ lines }) => lines).join('\n');
  return { text, exitCode: verdicts.every(({ accepted }) => accepted) ? 0 : 1 };
}
