/**
 * Saved queries of CloudWatch Logs Insights: what is too fine for a metric (per reason, per trait, per event type), read from
 * the lines that functions write. A query costs half a cent per gigabyte it reads, and nothing while nobody asks.
 */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FUNCTION_NAMES, type FunctionName } from '../../shared/contracts/environment.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';

interface SavedQuery {
  /** Whose logs it reads. */
  readonly of: readonly FunctionName[];
  readonly commands: readonly string[];
}

const { eventsTaken, eventsSetAside, eventsRefused, stageEntered, messagesSent, messagesEnded } = METRIC;
const { addressesLost, boughtAfterMail, laneStopped, sweepLag, versionConflicts } = METRIC;

/** Those who end messages. */
export const ENDING = ['record', 'send', 'feedback'] as const satisfies readonly FunctionName[];

const SLOWEST = 25;
const NEWEST = 200;

/** A message's key is `life/programme/step/episode`. */
const STEP_OF_KEY = 'parse key "*/*/*/*" as life, series, step, episode';

const counting = (name: string, as: string, ...by: readonly string[]) => [
  `filter ${name} > 0`,
  `stats sum(${name}) as ${as} by ${by.join(', ')}`,
  `sort ${as} desc`,
];

const noting = (notes: readonly string[], as: string, ...by: readonly string[]) => [
  `filter ${notes.map((each) => `message = "${each}"`).join(' or ')}`,
  `stats sum(times) as ${as} by ${by.join(', ')}`,
  `sort ${as} desc`,
];

/** How messages ended, sent ones included. */
export const BY_PROGRAMME_AND_END = [
  `filter ${messagesSent.name} > 0 or ${messagesEnded.name} > 0`,
  STEP_OF_KEY,
  'stats count(*) as messages by series, coalesce(outcome, "sent") as end',
  'sort series asc, messages desc',
];

/** By the name they are saved under. */
const QUERIES: Readonly<Record<string, SavedQuery>> = {
  'events taken, by type': { of: ['record'], commands: counting(eventsTaken.name, 'events', 'type') },
  'events that changed nothing, by type': {
    of: ['record'],
    commands: counting(eventsSetAside.name, 'events', 'fate', 'type'),
  },
  'events refused, by field': {
    of: ['record'],
    commands: [
      `filter ${eventsRefused.name} > 0`,
      `stats sum(${eventsRefused.name}) as events, latest(eventId) as newest by type, field, expected`,
      'sort events desc',
    ],
  },
  'stages entered, by day': {
    of: ['record'],
    commands: [`filter ${stageEntered.name} > 0`, `stats sum(${stageEntered.name}) as customers by bin(1d), stage`],
  },
  'traits that began': { of: ['record'], commands: noting([NOTE.traitBegan], 'customers', 'trait') },
  'people asked for, by reason': {
    of: ['record'],
    commands: noting([NOTE.attentionNeeded], 'customers', 'reason', 'priority'),
  },
  'mail sent, by step': {
    of: ENDING,
    commands: [
      `filter ${messagesSent.name} > 0`,
      STEP_OF_KEY,
      `stats sum(${messagesSent.name}) as mails by series, step`,
      'sort mails desc',
    ],
  },
  'messages, by programme and how they ended': { of: ENDING, commands: BY_PROGRAMME_AND_END },
  'mail not sent, by reason': {
    of: ENDING,
    commands: [
      `filter ${messagesEnded.name} > 0`,
      STEP_OF_KEY,
      `stats sum(${messagesEnded.name}) as messages by outcome, reason, series`,
      'sort messages desc',
    ],
  },
  'mail held up, by reason': {
    of: ['send'],
    commands: [
      `filter ${laneStopped.name} != 0 or message = "${NOTE.heldBack}"`,
      `stats sum(abs(${laneStopped.name})) as stopped, sum(times) as held by why`,
    ],
  },
  'offers, by outcome': {
    of: ['send'],
    commands: noting([NOTE.offerIssued, NOTE.offerRefused], 'offers', 'offer', 'message', 'reason'),
  },
  'addresses lost, by programme': {
    of: ['feedback'],
    commands: [
      `filter ispresent(${addressesLost.name})`,
      'stats count(*) as addresses by programme, reason',
      'sort addresses desc',
    ],
  },
  'what SES reported': {
    of: ['feedback'],
    commands: noting([NOTE.reported, NOTE.reportUnknown], 'reports', 'message', 'event', 'kind', 'programme'),
  },
  'bought within seven days of a mail, by programme': {
    of: ['record'],
    commands: [
      `filter ispresent(${boughtAfterMail.name})`,
      'stats count(*) as purchases by programme',
      'sort purchases desc',
    ],
  },
  'races lost, by customer': {
    of: ENDING,
    commands: [...counting(versionConflicts.name, 'races', 'customerId'), `limit ${SLOWEST}`],
  },
  'facts rebuilt and links refused': {
    of: ['record', 'preferences'],
    commands: noting([NOTE.rebuilt, NOTE.linkRefused], 'lines', 'message'),
  },
  'timers that stand, by customer': {
    of: ['sweep'],
    commands: [
      `filter ${sweepLag.name} > 0`,
      `stats max(${sweepLag.name}) as milliseconds, max(due) as due by oldest`,
      'sort milliseconds desc',
      `limit ${SLOWEST}`,
    ],
  },
  'slowest invocations': {
    of: FUNCTION_NAMES,
    commands: [
      'filter type = "platform.report"',
      'sort record.metrics.durationMs desc',
      `limit ${SLOWEST}`,
      'display @timestamp, @log, record.requestId, record.metrics.durationMs, record.metrics.initDurationMs, record.metrics.maxMemoryUsedMB',
    ],
  },
  'warnings and errors': {
    of: FUNCTION_NAMES,
    commands: [
      'filter level = "WARN" or level = "ERROR"',
      'sort @timestamp desc',
      `limit ${NEWEST}`,
      'display @timestamp, @log, level, message, about, customerId, key, error, error.name, error.message',
    ],
  },
  'one customer': {
    of: FUNCTION_NAMES,
    commands: [
      '# Put the id of the customer between the quotation marks.',
      'filter customerId = "" or about = ""',
      'sort @timestamp desc',
      `limit ${NEWEST}`,
      'display @timestamp, @log, message, stage, key, outcome, reason, level, error.name',
    ],
  },
};

export interface LogQueriesProps {
  readonly stage: string;
  readonly functions: Readonly<Record<FunctionName, lambda.Function>>;
}

export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { stage, functions }: LogQueriesProps) {
    super(scope, id);
    for (const [name, { of, commands }] of Object.entries(QUERIES)) {
      new CfnQueryDefinition(this, name.replaceAll(/\W+/gu, '-'), {
        // The console makes folders of what stands before a slash.
        name: `Perennial/${stage}/${name}`,
        logGroupNames: of.map((each) => functions[each].logGroup.logGroupName),
        queryString: queryText(commands),
      });
    }
  }
}

/** One command a line. A comment is no command, so no pipe leads to what follows it. */
function queryText(commands: readonly string[]): string {
  return commands
    .map((each, index) => (index === 0 || (commands[index - 1] ?? '').startsWith('#') ? each : `| ${each}`))
    .join('\n');
}
