/** The command line of `npm start`. What cannot work is said before anything is built or played. */
import { constants } from 'node:fs';
import { access, mkdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PortInUse } from './errors.ts';
import { READING_ARGUMENTS, READING_HELP, type ReadingOptions, readingOptions } from '../history/reading.ts';
import { type End, readDate } from './player/date.ts';
import { UsageError } from './usage-error.ts';

const PORT_MAX = 65_535;
/** A delivery later than this is no longer disorder, but another history. */
const DISORDER_DAYS_MAX = 365;

export const HELP = `Perennial on this machine: the stack that would be deployed, with a mailbox one can open.

  npm start                               a simulated shop: its past in seconds, then live events
  npm start -- --orders FILE [options]    a shop's own export, played in virtual time

What is played
  --orders FILE       CSV with a header: customer_id,date,amount. Also read when present: order_id, email, name,
                      locale, currency, discount. Further columns are ignored. Headers of usual shop systems are
                      understood; docs/order-exports.md says which.
  --logins FILE       CSV: customer_id,date
  --complaints FILE   CSV: customer_id,date. Also read: complaint_id, channel, severity (low, normal, high),
                      resolved (the date of the solution)
  --until DATE        plays up to this date, the day included (default: the date of the last order)
  --disorder DAYS     delivers events up to so many days late and about a tenth of them twice (default 0)
  --seed N            seed of the disorder and of the simulated shop (default 1)
  --playbook FILE     plays another playbook than shared/content/playbook.json
  --content DIR       sends and edits the content in DIR instead of shared/content, its playbook included

${READING_HELP}

What comes of it
  --exit              ends after the play instead of keeping the mailbox open
  --json OUT          writes { events, customers, stages, mails, withheld, cancelled, deadLetters, elapsedSeconds }

Where it runs
  --port N            AWS protocols (default 4580; with --exit any free one), 0 for any free port
  --web-port N        the page with the mailbox (default 4581), 0 for any free port
  --data DIR          keeps everything in DIR for the next start (default: in memory)
  --help              this text

A row with a date and no time counts as noon: the time of day is unknown, and noon is at most half a day off. Without an
order_id, identical rows are separate orders. Without an email column everybody gets an address at example.com and
consents, so that the mail can be seen. Bad rows are reported with their line and skipped.

Examples
  npm start
  npm start -- --orders orders.csv --exit --json result.json
  npm start -- --orders orders.csv --logins logins.csv --complaints complaints.csv --until 2026-06-30
  npm start -- --orders orders.csv --disorder 5 --seed 7 --exit
  aws --endpoint-url http://127.0.0.1:4580 sqs list-queues        (from another shell)

Ctrl-C ends it. Exit codes: 0 ended as asked, 1 a fault, 2 something in the command to put right.
`;

/** Files of a shop's own export. */
export interface ExportFiles {
  readonly orders: string;
  readonly logins?: string;
  readonly complaints?: string;
  readonly until?: End;
  readonly reading: ReadingOptions;
  readonly disorderDays: number;
}

export interface Options {
  readonly port: number;
  readonly webPort: number;
  readonly seed: number;
  readonly exit: boolean;
  /** Absent: the simulated shop. */
  readonly files?: ExportFiles;
  readonly dataDirectory?: string;
  readonly json?: string;
  readonly playbook?: string;
  readonly content?: string;
}

/**
 * Reads the command line; 'help' when that is what was asked for.
 *
 * @throws UsageError naming the option and what it expects
 */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  const port = whole('port', values.port ?? (values.exit === true ? '0' : '4580'), PORT_MAX);
  const webPort = whole('web-port', values['web-port'] ?? (values.exit === true ? '0' : '4581'), PORT_MAX);
  if (port !== 0 && port === webPort) throw new UsageError(`--port and --web-port are both ${port}`);

  const { orders, data, json, playbook, content } = values;
  for (const name of ['logins', 'complaints', 'until', 'disorder'] as const) {
    if (values[name] !== undefined && orders === undefined) throw new UsageError(`--${name} needs --orders`);
  }
  return {
    port,
    webPort,
    seed: whole('seed', values.seed ?? '1', Number.MAX_SAFE_INTEGER),
    exit: values.exit === true,
    ...(orders !== undefined && { files: exportFiles(orders, values) }),
    ...(data !== undefined && { dataDirectory: path.resolve(data) }),
    ...(json !== undefined && { json: path.resolve(json) }),
    ...(playbook !== undefined && { playbook: path.resolve(playbook) }),
    ...(content !== undefined && { content: path.resolve(content) }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        exit: { type: 'boolean' },
        port: { type: 'string' },
        'web-port': { type: 'string' },
        data: { type: 'string' },
        orders: { type: 'string' },
        logins: { type: 'string' },
        complaints: { type: 'string' },
        json: { type: 'string' },
        until: { type: 'string' },
        disorder: { type: 'string' },
        seed: { type: 'string' },
        ...READING_ARGUMENTS,
        playbook: { type: 'string' },
        content: { type: 'string' },
      },
    }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    // Node adds advice on quoting after the first sentence; it would not help here.
    const sentence = why.split(/\.\s/, 1)[0] ?? why;
    throw new UsageError(`${sentence}; --help lists the options`.replaceAll(/\s+/g, ' '), { cause });
  }
}

function exportFiles(
  orders: string,
  values: {
    readonly logins?: string | undefined;
    readonly complaints?: string | undefined;
    readonly until?: string | undefined;
    readonly disorder?: string | undefined;
  } & Parameters<typeof readingOptions>[0],
): ExportFiles {
  const { logins, complaints, until, disorder } = values;
  return {
    orders: path.resolve(orders),
    ...(logins !== undefined && { logins: path.resolve(logins) }),
    ...(complaints !== undefined && { complaints: path.resolve(complaints) }),
    ...(until !== undefined && { until: endOf(until) }),
    reading: readingOptions(values),
    disorderDays: days(disorder ?? '0'),
  };
}

function whole(name: string, text: string, largest: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > largest) {
    throw new UsageError(`--${name} expects a whole number from 0 to ${largest}, found "${text}"`);
  }
  return value;
}

function days(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > DISORDER_DAYS_MAX) {
    throw new UsageError(`--disorder expects a number of days from 0 to ${DISORDER_DAYS_MAX}, found "${text}"`);
  }
  return value;
}

function endOf(text: string): End {
  const date = readDate(text);
  if (date === undefined) throw new UsageError(`--until expects a date such as 2026-06-30, found "${text}"`);
  return date.end;
}

/**
 * Looks at files, directories and ports before minutes are spent on a play.
 *
 * @throws UsageError for a path, PortInUse for a port
 */
export async function checkSurroundings(options: Options): Promise<void> {
  const { files, playbook, content, json, dataDirectory } = options;
  for (const file of [files?.orders, files?.logins, files?.complaints, playbook]) {
    if (file !== undefined) await expectReadable(file);
  }
  if (playbook !== undefined) await expectPlaybook(playbook);
  if (content !== undefined) await expectContent(content);
  if (json !== undefined) await expectWritable(json);
  if (dataDirectory !== undefined) await expectDirectory(dataDirectory);
  for (const port of [options.port, options.webPort]) await expectFree(port);
}

async function expectReadable(file: string): Promise<void> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new UsageError(`cannot read ${file}: not a file`);
    await access(file, constants.R_OK);
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError(`cannot read ${file}: ${reason(cause)}`, { cause });
  }
}

async function expectContent(directory: string): Promise<void> {
  try {
    await expectPlaybook(path.join(directory, 'playbook.json'));
    await access(path.join(directory, 'templates'), constants.R_OK | constants.X_OK);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${directory} holds no content: ${reason(cause)}`, { cause });
  }
}

async function expectPlaybook(file: string): Promise<void> {
  // The schemas take a while to load, and few commands name a playbook.
  const { readPlaybookText } = await import('../../shared/email/playbook-text.ts');
  try {
    readPlaybookText(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${file} is no valid playbook: ${reason(cause).replaceAll('\n', '; ')}`, { cause });
  }
}

async function expectWritable(file: string): Promise<void> {
  try {
    await access(path.dirname(file), constants.W_OK);
    const isDirectory = await stat(file).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isDirectory) throw new UsageError(`cannot write ${file}: a directory`);
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError(`cannot write ${file}: ${reason(cause)}`, { cause });
  }
}

async function expectDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`cannot keep data in ${directory}: ${reason(cause)}`, { cause });
  }
}

function expectFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) => {
      const taken = 'code' in cause && cause.code === 'EADDRINUSE';
      reject(
        taken ? new PortInUse(port, cause) : new UsageError(`cannot use port ${port}: ${reason(cause)}`, { cause }),
      );
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/** What the operating system said, in words. */
function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file or directory';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'not a directory';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
