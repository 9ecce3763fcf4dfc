/**
 * What goes on, live: a screen that redraws itself on a terminal, one line per mail elsewhere. The terminal is left as
 * it was found.
 */
import { STAGES } from '../../shared/lifecycle/stage.ts';
import type { AcceptedMail, QueueState, Twin } from './contract.ts';
import { labelOf, type MailLine, mailLineOf } from './mail-line.ts';
import { type Headcount, type Counts, total } from './summary.ts';

/** Milliseconds between two drawings at the least: often enough to look alive, seldom enough to cost nothing. */
const REDRAW_MS = 300;
/** Counting the customers reads the whole table, so it happens less often. */
const HEADCOUNT_MS = 3_000;
const BAR_CELLS = 30;
const LAST_MAILS = 8;
const MARGIN = 2;

/** Alternate screen on and off, cursor hidden and shown, home and clear (ECMA-48 and xterm control sequences). */
const SCREEN = { enter: '\u001b[?1049h\u001b[?25l', leave: '\u001b[?25h\u001b[?1049l', home: '\u001b[H' } as const;
const CLEAR = { line: '\u001b[K', below: '\u001b[J' } as const;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;
/** First strong isolate and its end: a Persian subject must not turn the rest of its line around. */
const ISOLATE = { begin: '\u2068', end: '\u2069' } as const;

export interface ViewState {
  readonly now: number;
  readonly customers: number;
  readonly stages: Counts;
  /** Mails per programme. */
  readonly mails: Counts;
  readonly queues: readonly QueueState[];
  /** Newest first. */
  readonly lastMails: readonly MailLine[];
  readonly endpoint: string;
  /** Address of the page; absent when there is none. */
  readonly page?: string;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The screen as lines that fit into it. */
export function viewLines(state: ViewState, size: Size): string[] {
  const { stages, mails } = state;
  const most = Math.max(1, ...STAGES.map((stage) => stages[stage] ?? 0));
  const mailed = Object.entries(mails).toSorted(([, left], [, right]) => right - left);
  const lines = [
    `Perennial  ${stamp(state.now)} UTC`,
    ...(state.page === undefined ? [] : [`mailbox    ${state.page}`]),
    '',
    `People: ${state.customers}`,
    ...STAGES.map((stage) => {
      const count = stages[stage] ?? 0;
      return `  ${stage.padEnd(8)} ${String(count).padStart(4)}  ${bar(count, most)}`;
    }),
    '',
    `Mails: ${total(mails)}`,
    ...(mailed.length === 0 ? [] : [`  ${mailed.map(([programme, count]) => `${programme} ${count}`).join('   ')}`]),
    '',
    'Queues (waiting + in work)',
    ...state.queues.map((queue) => {
      const depth = `${queue.visible + queue.delayed} + ${queue.inFlight}`;
      return `  ${queue.name}  ${depth}${queue.deadLetter && queue.visible > 0 ? '  dead letters' : ''}`;
    }),
    '',
    'Last mails',
    ...state.lastMails.map((mail) => `  ${mailText(mail)}`),
    '',
    `aws --endpoint-url ${state.endpoint} sqs list-queues        Ctrl-C ends`,
  ];
  const room = Math.max(1, size.rows - 1);
  return lines.slice(0, room).map((line) => clip(line, size.columns - 1));
}

function bar(count: number, most: number): string {
  return '█'.repeat(Math.round((count / most) * BAR_CELLS));
}

function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace('T', ' ');
}

/** Time, programme/step, address and subject. */
export function mailText(mail: MailLine): string {
  const subject = RIGHT_TO_LEFT.test(mail.subject) ? `${ISOLATE.begin}${mail.subject}${ISOLATE.end}` : mail.subject;
  return `${stamp(mail.at)}  ${mail.label.padEnd(22)}  ${mail.to}  ${subject}`;
}

/** Cut by characters; the end of an isolate is kept so that it does not reach into the next line. */
function clip(line: string, columns: number): string {
  const characters = Array.from(line);
  if (characters.length <= columns) return line;
  const cut = characters.slice(0, Math.max(0, columns - MARGIN)).join('');
  return `${cut}${line.includes(ISOLATE.begin) ? ISOLATE.end : ''}…`;
}

export interface LiveViewOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

type Watched = Pick<Twin, 'endpoint' | 'now' | 'mailbox' | 'queues' | 'onChange'>;

export interface LiveView {
  /** Leaves the terminal as it was found. */
  readonly stop: () => void;
}

/** @param countPeople counts the people; when it fails, the view keeps the last figures and tries again */
export function openView(
  output: LiveViewOutput,
  twin: Watched,
  countPeople: () => Promise<Headcount>,
  page: string | undefined,
): LiveView {
  return output.isTTY === true ? openScreen(output, twin, countPeople, page) : openLog(output, twin);
}

function openLog(output: LiveViewOutput, twin: Watched): LiveView {
  let printed = twin.mailbox.length;
  let printing = Promise.resolve();
  const print = async (mail: AcceptedMail): Promise<void> => {
    const line = await mailLineOf(mail);
    output.write(`${mailText(line)}\n`);
  };
  const off = twin.onChange(() => {
    for (const mail of twin.mailbox.slice(printed)) {
      printed += 1;
      printing = printing.then(() => print(mail));
    }
  });
  return { stop: off };
}

function openScreen(
  output: LiveViewOutput,
  twin: Watched,
  countPeople: () => Promise<Headcount>,
  page: string | undefined,
): LiveView {
  let headcount: Pick<Headcount, 'customers' | 'stages'> = { customers: 0, stages: {} };
  let changed = true;
  let counting = false;
  const known = new Map<string, MailLine>();

  async function lastMails(): Promise<MailLine[]> {
    const mails = twin.mailbox.slice(-LAST_MAILS).toReversed();
    const lines = await Promise.all(mails.map(async (mail) => known.get(mail.id) ?? (await mailLineOf(mail))));
    known.clear();
    for (const [index, mail] of mails.entries()) {
      const line = lines[index];
      if (line !== undefined) known.set(mail.id, line);
    }
    return lines;
  }

  async function draw(): Promise<void> {
    const state: ViewState = {
      now: twin.now(),
      ...headcount,
      mails: perProgramme(twin.mailbox),
      queues: twin.queues(),
      lastMails: await lastMails(),
      endpoint: twin.endpoint,
      ...(page !== undefined && { page }),
    };
    if (stopped) return;
    const lines = viewLines(state, { columns: output.columns ?? 80, rows: output.rows ?? 24 });
    output.write(`${SCREEN.home}${lines.map((line) => `${line}${CLEAR.line}\n`).join('')}${CLEAR.below}`);
  }

  function count(): void {
    if (!changed || counting) return;
    changed = false;
    counting = true;
    countPeople()
      .then((fresh) => {
        headcount = fresh;
        return undefined;
      })
      .catch(() => {
        changed = true;
      })
      .finally(() => {
        counting = false;
      });
  }

  let stopped = false;
  let drawing = Promise.resolve();
  output.write(SCREEN.enter);
  count();
  const off = twin.onChange(() => {
    changed = true;
  });
  const redraw = setInterval(() => {
    drawing = drawing.then(draw);
  }, REDRAW_MS);
  const recount = setInterval(count, HEADCOUNT_MS);
  const stop = () => {
    if (stopped) return;
    stopped = true;
    process.off('exit', stop);
    off();
    clearInterval(redraw);
    clearInterval(recount);
    output.write(SCREEN.leave);
  };
  // A fault elsewhere must not leave the person in an empty screen without a cursor.
  process.once('exit', stop);
  return { stop };
}

function perProgramme(mailbox: Watched['mailbox']): Counts {
  const counts: Record<string, number> = {};
  for (const mail of mailbox) {
    const [programme = ''] = labelOf(mail).split('/');
    counts[programme] = (counts[programme] ?? 0) + 1;
  }
  return counts;
}
