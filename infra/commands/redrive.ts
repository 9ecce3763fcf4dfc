/** The command line of `npm run redrive`: what lies in a dead-letter queue, sent back, mended or discarded. */
import path from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { DAY, type Duration, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import { Copies, type MendedLine, readMended } from '../repair/copies.ts';
import { listingOf, type Look, lookAt, unseenInWords } from '../repair/listing.ts';
import { putBack } from '../repair/put-back.ts';
import { Queues } from '../repair/queues.ts';
import { type Filter, takeOut } from '../repair/redrive.ts';
import {
  configOf,
  confirmRelease,
  openTarget,
  readArguments,
  type Target,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';

const HELP = `Lists what lies in a dead-letter queue, and why; sends it back, or discards it.

  npm run redrive                            how much lies in which queue
  npm run redrive -- QUEUE                   what lies there, and why; nothing is changed
  npm run redrive -- QUEUE --out FILE        writes a copy of it, a JSON line each, to be read or mended
  npm run redrive -- QUEUE --send            tries it once more: each message goes back to the queue it failed in
  npm run redrive -- QUEUE --from FILE       puts the mended events of FILE on the bus, and takes the messages they
                                             were copied from out of QUEUE; it says itself which are meant, so
                                             it goes with none of the four options that choose
  npm run redrive -- QUEUE --discard         deletes it

  QUEUE            record-dead, send-dead, feedback-dead, undelivered, ... or its whole name
  --reason TEXT    only messages with TEXT in their reason
  --type T         only events of this detail-type
  --customer C     only events of this customer
  --older D        only what has waited so long: 30m, 8h, 3d
  --out FILE       where copies go, each message once; --send, --discard and --from write them in any case, to
                   redrive-QUEUE-TIME.jsonl
  --yes            does not ask; needed for a stage where there is no terminal to ask at

Copies hold personal data: only you can read the file, and it is for you to delete it, within 30 days. A message is
deleted only after it was copied and what it says was accepted; interrupt the command and start it again. What is sent
twice counts once, by the id of the event. docs/repair.md explains more.

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something to put right.
`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  out: { type: 'string' },
  send: { type: 'boolean' },
  from: { type: 'string' },
  discard: { type: 'boolean' },
  reason: { type: 'string' },
  type: { type: 'string' },
  customer: { type: 'string' },
  older: { type: 'string' },
  yes: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

type Deed = { readonly kind: 'list' | 'send' | 'discard' } | { readonly kind: 'mend'; readonly file: string };

/** Messages listed one by one; of more than that the summary by reason says enough. */
const LISTED = 20;

/** @throws UsageError */
export async function redriveCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const deed = deedOf(values);
  expectNoFilter(deed, values);
  const [name, ...strays] = positionals;
  if (strays.length > 0) throw new UsageError(`expected one QUEUE, found ${positionals.join(', ')}`);
  const older = values.older === undefined ? undefined : durationOf(values.older);
  const target = await openTarget(values);
  const sqs = new SQSClient(target.access);
  try {
    const queues = new Queues(sqs);
    if (name === undefined) {
      if (deed.kind !== 'list') throw new UsageError('expected a QUEUE; npm run redrive lists them');
      return await overview(queues, target);
    }
    const queue = await queueNamed(queues, target, name);
    const { reason, type, customer } = values;
    return await carryOut(queues, target, queue, deed, { reason, type, customer, older }, values);
  } finally {
    sqs.destroy();
    target.records.close();
  }
}

/** @throws UsageError */
function deedOf({ send, from, discard }: Values): Deed {
  const asked = [
    ...(send === true ? ['--send'] : []),
    ...(from === undefined ? [] : ['--from']),
    ...(discard === true ? ['--discard'] : []),
  ];
  if (asked.length > 1) throw new UsageError(`expected ${asked.join(' or ')}, found both; --help explains the command`);
  if (from !== undefined) return { kind: 'mend', file: from };
  return { kind: send === true ? 'send' : discard === true ? 'discard' : 'list' };
}

/** @throws UsageError when messages are chosen although the file names them, or copies would go into that file */
function expectNoFilter(deed: Deed, { reason, type, customer, older, out }: Values): void {
  if (deed.kind !== 'mend') return;
  const given = Object.entries({ reason, type, customer, older }).filter(([, value]) => value !== undefined);
  if (given.length > 0) {
    const names = given.map(([name]) => `--${name}`).join(', ');
    throw new UsageError(`expected --from without ${names}: delete the lines of the file that are not meant`);
  }
  if (out !== undefined && path.resolve(out) === path.resolve(deed.file)) {
    throw new UsageError('expected --out to be another file than --from: it keeps the messages as they were');
  }
}

const UNITS: Readonly<Record<string, Duration>> = { m: MINUTE, h: HOUR, d: DAY };

/** @throws UsageError */
function durationOf(text: string): Duration {
  const { count = '', unit = '' } = /^(?<count>\d{1,6})(?<unit>[mhd])$/u.exec(text)?.groups ?? {};
  const length = UNITS[unit];
  if (length === undefined)
    throw new UsageError(`--older expects a length of time such as 30m, 8h or 3d, found "${text}"`);
  return Number(count) * length;
}

function prefixOf({ stage }: Target): string {
  return `perennial-${stage ?? 'local'}-`;
}

/** Queues nothing is taken out of but by people. */
function isDead(queue: string): boolean {
  return queue.endsWith('-dead') || queue.endsWith('-undelivered');
}

async function overview(queues: Queues, target: Target): Promise<string> {
  const dead = (await queues.named(prefixOf(target))).filter(isDead);
  const depths = await Promise.all(
    dead.map(async (queue) => {
      const { waiting, hidden } = await queues.depthOf(queue);
      const of = hidden === 0 ? '' : `, ${hidden} of them hidden for now`;
      return `  ${String(waiting + hidden).padStart(6)}  ${queue}${of}`;
    }),
  );
  return [`Dead letters in ${target.name}, about:`, ...depths, '', 'npm run redrive -- QUEUE says what they are.'].join(
    '\n',
  );
}

/** @throws UsageError when there is no such queue, or one that is no dead-letter queue */
async function queueNamed(queues: Queues, target: Target, name: string): Promise<string> {
  const dead = (await queues.named(prefixOf(target))).filter(isDead);
  const found = dead.find((each) => each === name || each === prefixOf(target) + name);
  if (found !== undefined) return found;
  throw new UsageError(`expected one of the dead-letter queues ${dead.join(', ')}, found "${name}"`);
}

async function carryOut(
  queues: Queues,
  target: Target,
  queue: string,
  deed: Deed,
  filter: Filter,
  values: Values,
): Promise<string> {
  const { now } = target;
  switch (deed.kind) {
    case 'list': {
      const copies = values.out === undefined ? undefined : await Copies.open(values.out);
      const look = await looked(queues, queue, filter, now, copies);
      const listing = listingOf(target.stage, queue, look, copies === undefined ? LISTED : 0);
      if (copies === undefined || look.meant.length === 0) return listing.join('\n');
      return [...listing, `${plural(look.meant.length, 'copy', 'copies')} in ${copies.file}. ${PERSONAL}`].join('\n');
    }
    case 'send':
    case 'discard': {
      const look = await looked(queues, queue, filter, now);
      return takeAway(queues, target, queue, deed.kind, look, values);
    }
    case 'mend':
      return mend(queues, target, queue, deed.file, values);
    default:
      return deed satisfies never;
  }
}

async function looked(queues: Queues, queue: string, filter: Filter, now: number, copies?: Copies): Promise<Look> {
  const progress = showProgress(process.stderr, 'messages looked at');
  try {
    return await lookAt(queues, { queue, filter, now, copies }, (told, total) => progress.update({ told, total, now }));
  } finally {
    progress.stop();
  }
}

const PERSONAL = 'It holds personal data: delete it when it has served, within 30 days.';

async function takeAway(
  queues: Queues,
  target: Target,
  queue: string,
  deed: 'send' | 'discard',
  look: Look,
  values: Values,
): Promise<string> {
  const { meant: letters } = look;
  const listing = listingOf(target.stage, queue, look, LISTED);
  const meant = deed === 'discard' ? letters : letters.filter(({ wayBack }) => wayBack.kind === 'queue');
  const left = letters.length - meant.length;
  const leftWords =
    left === 0 ? [] : [`${plural(left, 'message')} cannot go back and ${left === 1 ? 'stays' : 'stay'}.`];
  if (meant.length === 0) return [...listing, ...leftWords, 'Nothing was changed.'].join('\n');
  process.stderr.write(`${listing.join('\n')}\n`);
  const act = deed === 'send' ? 'Send back' : 'Discard';
  const question = `${act} ${plural(meant.length, 'message')} of ${queue} in ${target.name}?`;
  if (!(await confirmRelease(target, question, values.yes === true))) return 'Nothing was changed.';
  const copies = await Copies.open(values.out ?? fileNameFor(queue, target));
  const progress = showProgress(process.stderr, 'messages');
  const messageIds = new Set(meant.map(({ messageId }) => messageId));
  const done = await takeOut(
    queues,
    queue,
    {
      messageIds,
      keep: (some) => copies.add(some),
      handle: async ({ body, wayBack }) => {
        if (deed === 'send' && wayBack.kind === 'queue') await queues.send(wayBack.queue, body);
      },
    },
    (told) => progress.update({ told, total: meant.length, now: target.now }),
  );
  progress.stop();
  return [
    `${plural(done, 'message')} ${done === 1 ? 'was' : 'were'} ${deed === 'send' ? 'sent back' : 'discarded'}.`,
    ...gone(meant.length - done),
    ...leftWords,
    ...unseenInWords(look),
    `Copies are in ${copies.file}. ${PERSONAL}`,
  ].join('\n');
}

function gone(missing: number): readonly string[] {
  if (missing === 0) return [];
  return [
    `${plural(missing, 'message')} ${missing === 1 ? 'was' : 'were'} not there any more, or hidden by somebody else who looks: try again in a quarter of an hour.`,
  ];
}

async function mend(queues: Queues, target: Target, queue: string, file: string, values: Values): Promise<string> {
  const { now } = target;
  const lines = await readMended(file, now);
  const named = new Set(lines.flatMap(({ messageId = [] }) => messageId));
  const look = await looked(queues, queue, {}, now);
  const messageIds = new Set(look.meant.map(({ messageId }) => messageId).filter((each) => named.has(each)));
  const question = `Put ${plural(lines.length, 'event')} of ${file} on the bus of ${target.name} and take ${plural(messageIds.size, 'message')} out of ${queue}?`;
  if (!(await confirmRelease(target, question, values.yes === true))) return 'Nothing was changed.';
  const copies = await Copies.open(values.out ?? fileNameFor(queue, target));
  await putAllBack(target, lines);
  const progress = showProgress(process.stderr, 'messages');
  const accepted = { messageIds, keep: copies.add.bind(copies), handle: async () => undefined };
  const done =
    messageIds.size === 0
      ? 0
      : await takeOut(queues, queue, accepted, (told) => progress.update({ told, total: messageIds.size, now }));
  progress.stop();
  return [
    `${plural(lines.length, 'event')} put on the bus, ${plural(done, 'message')} taken out of ${queue}.`,
    ...gone(messageIds.size - done),
    ...unseenInWords(look),
    ...(done === 0 ? [] : [`Copies of the messages as they were are in ${copies.file}. ${PERSONAL}`]),
    `${file}: ${PERSONAL}`,
  ].join('\n');
}

async function putAllBack(target: Target, lines: readonly MendedLine[]): Promise<void> {
  const { busName } = configOf(target);
  const bus = new EventBridgeClient(target.access);
  const progress = showProgress(process.stderr, 'events');
  try {
    let told = 0;
    for (const { event } of lines) {
      await putBack(bus, busName, event);
      told += 1;
      progress.update({ told, total: lines.length, now: target.now });
    }
  } finally {
    progress.stop();
    bus.destroy();
  }
}

/** Unlike that of any other run. */
function fileNameFor(queue: string, { now }: Target): string {
  return `redrive-${queue}-${new Date(now).toISOString().replaceAll(/[:.]/gu, '-')}.jsonl`;
}
