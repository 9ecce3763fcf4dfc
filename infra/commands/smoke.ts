/**
 * The command line of `npm run smoke`: three customers behind the simulator's addresses of SES go the whole way, from an event on
 * the bus to what SES reports about the mail, and are erased again.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { MINUTE, SECOND } from '../../shared/lifecycle/time.ts';
import type { DeploymentConfig } from '../config.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outcome } from '../outcome.ts';
import { putBack } from '../repair/put-back.ts';
import {
  configOf,
  confirmChange,
  expectNothingElse,
  openTarget,
  readArguments,
  type Target,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';

const HELP = `Sends three customers with addresses of the SES simulator the whole way, and erases them again.

  npm run smoke                      through the local twin
  npm run smoke -- --stage S         through a deployed stage

  --minutes N      waits so long at most, 1 to 60 (default 5)
  --keep           does not erase the customers
  --yes            does not ask before it changes a production stage; without a terminal nothing is changed there otherwise

Each registers and complains, which is answered at once by one mail without promotion, by day and night. What can be expected
depends on "sending": in shadow all but the call of SES, in allow-list a withheld message, or mail where the
simulator's address without label is listed (success@simulator.amazonses.com; the other two get mail once), live a mail that is delivered, one that bounces and one that its reader reports as spam.
The simulator counts neither towards the reputation of the account nor in its sandbox, but in the day's quota.
Whoever else listens to the bus hears of three complaints. The three addresses, used once, stay on our list of addresses that get
no mail.

${TARGET_HELP}

Exit codes: 0 everything came, 1 something did not, 2 something in the command to put right.
`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  minutes: { type: 'string' },
  keep: { type: 'boolean' },
  yes: { type: 'boolean' },
} as const;

const MINUTES_DEFAULT = 5;
const MINUTES_MAX = 60;

/** A second for the batch, one for each function and a few for SES: looking more often would find the same. */
const LOOK_EVERY = 2 * SECOND;
/** An erasure is an event like others, and nobody waits longer for it than for the mail. */
const ERASED_WITHIN = MINUTE;

const SOURCE = 'shop.smoke';
const SIMULATOR = 'simulator.amazonses.com';
const ANSWER = { programme: 'recovery', step: 'apology' } as const;

/** What SES reports in the end about mail to each. */
const FATES = { success: 'delivered', bounce: 'bounced', complaint: 'complained' } as const;
type Mailbox = keyof typeof FATES;
const MAILBOXES = ['success', 'bounce', 'complaint'] as const satisfies readonly Mailbox[];

interface Probe {
  readonly mailbox: Mailbox;
  readonly customerId: string;
  readonly email: string;
}

interface Seen {
  readonly probe: Probe;
  /** Undefined as long as nobody has taken the events in. */
  readonly stage: string | undefined;
  readonly entry: LedgerEntry | undefined;
  readonly waiting: boolean;
}

/** @throws UsageError */
export async function smokeCommand(args: readonly string[]): Promise<Outcome> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return { text: HELP, exitCode: 0 };
  expectNothingElse(positionals);
  const minutes = minutesOf(values.minutes);
  const target = await openTarget(values);
  try {
    const config = configOf(target);
    const question = `Send three customers of the simulator through (sending is ${config.sending})`;
    if (!(await confirmChange(target, question, values.yes === true)))
      return { text: 'Nothing was changed.', exitCode: 0 };
    return await smoke(target, config, minutes * MINUTE, values.keep === true);
  } finally {
    target.records.close();
  }
}

/** @throws UsageError */
function minutesOf(text: string | undefined): number {
  if (text === undefined) return MINUTES_DEFAULT;
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MAX) return minutes;
  throw new UsageError(`--minutes expects 1 to ${MINUTES_MAX}, found "${text}"`);
}

async function smoke(target: Target, config: DeploymentConfig, patience: number, keep: boolean) {
  const run = `smoke-${randomUUID().slice(0, 8)}`;
  const probes = MAILBOXES.map((mailbox): Probe => {
    const listed = `${mailbox}@${SIMULATOR}`;
    // An address of its own has no past; but a list of addresses cannot know it.
    const email = config.allowList.includes(listed) ? listed : `${mailbox}+${run}@${SIMULATOR}`;
    return { mailbox, customerId: `${run}-${mailbox}`, email };
  });
  const bus = new EventBridgeClient(target.access);
  const began = Date.now();
  const emit = async (detailType: string, customerId: string, data: Readonly<Record<string, unknown>>) => {
    // The twin's clock may stand apart from that of the wall.
    const occurredAt = new Date(target.now + Date.now() - began).toISOString();
    const detail = { metadata: { id: randomUUID(), version: 1, occurredAt }, data: { customerId, ...data } };
    await putBack(bus, config.busName, { source: SOURCE, 'detail-type': detailType, detail });
  };
  try {
    for (const { customerId, email } of probes) {
      await emit('Customer Registered', customerId, { email });
      await emit('Complaint Opened', customerId, { complaintId: customerId, channel: 'email', severity: 'low' });
    }
    const seen = await watch(target, config, probes, began, patience);
    const lines = seen.map((each) => lineOf(each, config));
    const isWhole = seen.every((each) => isThere(each, config));
    if (!keep)
      for (const { customerId } of probes) await emit('Customer Erasure Requested', customerId, { requestId: run });
    const elapsed = Math.round((Date.now() - began) / SECOND);
    const isErased = keep || (await erasure(target, probes));
    const verdict = isWhole
      ? `Everything came, in ${elapsed} seconds.`
      : `Something did not come in time: npm run doctor, and the queues (npm run redrive), say more${target.stage === undefined ? '' : `, each with -- --stage ${target.stage}`}.`;
    const left = keep
      ? 'The customers are kept.'
      : isErased
        ? 'The customers are erased.'
        : `MISSING  The erasure of ${probes.map(({ customerId }) => customerId).join(', ')} has not come to its end.`;
    const exitCode: 0 | 1 = isWhole && isErased ? 0 : 1;
    return { text: [...lines, verdict, left].join('\n'), exitCode };
  } catch (cause) {
    // The twin serves nobody as long as it plays the past.
    if (cause instanceof Error && cause.name === 'ServiceUnavailable') throw new UsageError(cause.message, { cause });
    throw cause;
  } finally {
    bus.destroy();
  }
}

async function watch(
  target: Target,
  config: DeploymentConfig,
  probes: readonly Probe[],
  began: number,
  patience: number,
): Promise<readonly Seen[]> {
  const progress = showProgress(process.stderr, 'customers through');
  try {
    for (;;) {
      const seen = await Promise.all(probes.map((probe) => look(target, probe)));
      const told = seen.filter((each) => isThere(each, config)).length;
      progress.update({ told, total: probes.length, now: target.now });
      if (told === probes.length || Date.now() - began > patience) return seen;
      await sleep(LOOK_EVERY);
    }
  } finally {
    progress.stop();
  }
}

function isAnswer(key: string): boolean {
  const parts = parseKey(key);
  return parts?.programme === ANSWER.programme && parts.step === ANSWER.step;
}

async function look({ records }: Target, probe: Probe): Promise<Seen> {
  const profile = await records.store.load(probe.customerId);
  if (profile?.kind !== 'living') return { probe, stage: undefined, entry: undefined, waiting: false };
  const ledger = await records.store.readLedger(probe.customerId);
  return {
    probe,
    stage: profile.stage,
    entry: ledger.find(({ key }) => isAnswer(key)),
    waiting: Object.keys(profile.pending).some(isAnswer),
  };
}

/** Whether mail goes to an address in this stage. */
function isMailed({ sending, allowList }: DeploymentConfig, { email }: Probe): boolean {
  return sending === 'live' || (sending === 'allow-list' && allowList.includes(email));
}

/** Whether as much has come as can come in this stage. */
function isThere({ probe, stage, entry, waiting }: Seen, config: DeploymentConfig): boolean {
  if (stage === undefined) return false;
  if (config.sending === 'off') return waiting;
  if (entry === undefined) return false;
  if (isMailed(config, probe)) return entry.outcome === 'sent' && entry.delivery?.status === FATES[probe.mailbox];
  return config.sending === 'shadow' ? entry.outcome === 'sent' : entry.outcome === 'withheld';
}

function lineOf(seen: Seen, config: DeploymentConfig): string {
  const { probe, stage, entry, waiting } = seen;
  const delivery = entry?.delivery === undefined ? [] : [entry.delivery.status];
  const happened =
    stage === undefined
      ? ['not taken in']
      : [
          `stage ${stage}`,
          entry === undefined ? (waiting ? 'message waits' : 'no message') : entryWords(entry),
          ...delivery,
        ];
  const expected = isMailed(config, probe) ? ` (expected: ${FATES[probe.mailbox]})` : '';
  const verdict = isThere(seen, config) ? 'ok' : 'MISSING';
  return `${verdict.padEnd(9)}${probe.mailbox.padEnd(11)}${happened.join(', ')}${expected}`;
}

function entryWords({ outcome, reason, shadow }: LedgerEntry): string {
  return `message ${outcome}${shadow === true ? ' in shadow' : ''}${reason === undefined ? '' : ` (${reason})`}`;
}

/** Whether all of them are gone before one would stop waiting for it. */
async function erasure({ records }: Target, probes: readonly Probe[]): Promise<boolean> {
  const until = Date.now() + ERASED_WITHIN;
  for (;;) {
    const profiles = await Promise.all(probes.map(({ customerId }) => records.store.load(customerId)));
    if (profiles.every((profile) => profile?.kind === 'erased')) return true;
    if (Date.now() > until) return false;
    await sleep(LOOK_EVERY);
  }
}
