/**
 * The settings of one deployment. Everything a deployment may differ in is here and nowhere else; a value that is
 * missing or impossible fails before anything is built, naming its path. The shop's stages stand in a file of their own, which
 * no later version of this project touches.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { SENDING_MODES } from '../shared/contracts/environment.ts';

/** Retention periods CloudWatch Logs accepts, days. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** An environment variable holds the allow list, and all variables of a function share 4 KB. */
const ALLOW_LIST_MAX = 50;

/** Bounds of a Lambda event source's maximum concurrency. */
const CONCURRENCY_MIN = 2;
const CONCURRENCY_MAX = 1000;

/**
 * Share of the account's SES rate and daily quota that is ours; the rest stays for order confirmations. Below a twentieth
 * a new account's 14 mails a second are less than one a second.
 */
const QUOTA_SHARE_DEFAULT = 0.5;
const QUOTA_SHARE_MIN = 0.05;

/** Twice as many mails each day is the steepest that mailbox providers are known to tolerate. */
const WARM_UP_FACTOR_MAX = 2;
const WARM_UP_FACTOR_DEFAULT = 1.5;

/** A line of a mail's header holds 998 characters, and List-Unsubscribe has to hold the link with its token. */
const LINK_BASE_MAX_CHARACTERS = 120;

/** An alarm's description holds 1,024 characters, and the longest one leaves a little more than this for the link. */
const RUNBOOK_BASE_MAX_CHARACTERS = 200;

/**
 * Requests a second: at some fifth of a second each they take half of the ten invocations at once that a new account has,
 * and leave the rest to those that take the events in and send.
 */
const INTAKE_RATE_DEFAULT = 25;
/** They are counted in one partition of the table, which bears a thousand writes a second. */
const INTAKE_RATE_MAX = 1000;

/** What SES can report about a mail, as configuration set destinations call it. */
export const SES_EVENTS = [
  'send',
  'delivery',
  'deliveryDelay',
  'bounce',
  'complaint',
  'reject',
  'renderingFailure',
  'open',
  'click',
] as const;
export type SesEvent = (typeof SES_EVENTS)[number];

/** Without these an address that is dead, or whose owner complained, would be mailed again. */
const INDISPENSABLE_SES_EVENTS = ['bounce', 'complaint'] as const satisfies readonly SesEvent[];

/** What may be there already, made by somebody else: a deployment then uses it by its name. */
const SHAREABLE = ['bus', 'identity', 'configurationSet'] as const;

/** The label in front of the identity's domain that bounces return to, unless the settings say another. */
const MAIL_FROM_DEFAULT = 'bounces';

const DOMAIN = /^(?=.{4,253}$)(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/;

/** Share of customers kept unmailed so that uplift can be measured; a third is the most any shop would spare. */
const HOLDOUT_SHARE_DEFAULT = 0.05;
const HOLDOUT_SHARE_MAX = 0.33;

const deploymentConfig = z
  .strictObject({
    /** Part of every physical name, so that stages can share an account. */
    stage: z.string().regex(/^[a-z][a-z0-9-]{0,15}$/, 'lower-case letters, digits and hyphens, at most 16 characters'),
    /** Left out, the account and region of the deploying credentials are used. */
    account: z.optional(z.string().regex(/^\d{12}$/, 'twelve digits')),
    region: z.optional(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-north-1')),
    /** Two stages in one account and region need two names. */
    busName: z
      .string()
      .regex(/^[\w.-]{1,200}$/, 'letters, digits, dots, hyphens and underscores')
      .refine((name) => name !== 'default', 'the account has a bus named default already')
      .default('customers'),
    sender: z.strictObject({
      /** Shown in front of the address. Quotes, angle brackets and commas would make the header ambiguous. */
      name: z
        .string()
        .regex(/^[^"<>,;:@\\\p{Cc}]{1,64}$/u, 'a name without quotes, brackets, commas or control characters'),
      /** Its domain becomes the SES identity, unless `identity` says otherwise. */
      address: z.email(),
    }),
    replyTo: z.email(),
    /** The verified domain mail is sent from: that of the sender's address, or one above it. SES has it once per account and region. */
    identity: z.optional(z.string().regex(DOMAIN, 'a domain in lower-case letters, such as shop.example.com')),
    /**
     * The label in front of the identity's domain to which bounces return, so that SPF speaks for the sender's domain. Nothing else
     * may send from or receive at it. As long as its records are missing, SES uses a domain of its own.
     */
    mailFrom: z.optional(
      z.string().regex(/^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/, 'one label of a domain, such as bounces'),
    ),
    /** Left out, it is named after the stage. */
    configurationSet: z.optional(z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, hyphens and underscores')),
    /**
     * What is there already and only used by its name: a deployment neither changes nor deletes it. Decided before the first
     * deployment: what a stack has made, it keeps.
     */
    existing: z
      .array(z.enum(SHAREABLE))
      .refine((each) => new Set(each).size === each.length, 'each at most once')
      .default([]),
    sending: z.enum(SENDING_MODES).default('shadow'),
    /** Whether real people are behind it: commands then ask before they change anything. Left out, a stage that is live. */
    production: z.optional(z.boolean()),
    allowList: z.array(z.email()).max(ALLOW_LIST_MAX).default([]),
    holdout: z
      .strictObject({
        share: z.number().min(0).max(HOLDOUT_SHARE_MAX).default(HOLDOUT_SHARE_DEFAULT),
        /** Another salt draws another group: never change it while a comparison runs. */
        salt: z.string().min(1).default('perennial'),
      })
      .prefault({}),
    quotaShare: z.number().min(QUOTA_SHARE_MIN).max(1).default(QUOTA_SHARE_DEFAULT),
    /**
     * For a domain that has never mailed in bulk: promotional mails on the first day, and how many times more on each
     * day after it. Left out, only the account's quota limits a day.
     */
    warmUp: z.optional(
      z.strictObject({
        firstDay: z.int().min(1),
        factor: z.number().gt(1).max(WARM_UP_FACTOR_MAX).default(WARM_UP_FACTOR_DEFAULT),
      }),
    ),
    /**
     * What links in mails begin with, for shops that put a domain of their own in front of the function's URL. Left out,
     * links go to that URL itself.
     */
    linkBase: z.optional(
      z
        .string()
        .max(LINK_BASE_MAX_CHARACTERS)
        .regex(
          /^https:\/\/[\da-z](?:[\d.a-z-]*[\da-z])?(?::\d{1,5})?\/(?:[\w.~-]+\/)*$/i,
          'an https URL that ends with a slash, such as https://mail.shop.example.com/',
        ),
    ),
    /**
     * What SES reports to `feedback`; each report costs a write. Deliveries tell what became of a mail and that an address
     * works again, which passing bounces alone never would. Opens and clicks are off because SES learns of them
     * only by a hidden picture and by links that lead through a server of its own: that is tracking, which needs the
     * readers' consent in the EU.
     */
    sesEvents: z
      .array(z.enum(SES_EVENTS))
      .refine((events) => new Set(events).size === events.length, 'each kind at most once')
      .refine(
        (events) => INDISPENSABLE_SES_EVENTS.every((event) => events.includes(event)),
        `at least ${INDISPENSABLE_SES_EVENTS.join(' and ')}, or dead and complaining addresses are mailed again`,
      )
      .default(['send', 'delivery', 'bounce', 'complaint', 'reject']),
    /** Invocations of `send` at once, ten customers each. Two keep pace with the 14 mails a second of a new SES account. */
    sendConcurrency: z.int().min(CONCURRENCY_MIN).max(CONCURRENCY_MAX).default(CONCURRENCY_MIN),
    /**
     * Invocations of the pages at once, set apart for them and their limit, so that a flood of requests takes nothing from
     * the functions that keep the records. Left out, they share the account's concurrency: AWS refuses to set any apart
     * where fewer than a hundred would be left, and a new account has ten in all.
     */
    pagesConcurrency: z.optional(z.int().min(1).max(CONCURRENCY_MAX)),
    /**
     * Signed requests a second, as an average of ten seconds, that the intake lets in; each holds up to a hundred events. Beyond
     * that they are answered 429, and senders try again.
     */
    intakeRate: z.int().min(1).max(INTAKE_RATE_MAX).default(INTAKE_RATE_DEFAULT),
    /**
     * The same as for the pages, for the intake: a flood of requests, unsigned ones too, then takes nothing from the other
     * functions. Its requests a second are at most ten times as many.
     */
    intakeConcurrency: z.optional(z.int().min(1).max(CONCURRENCY_MAX)),
    logRetentionDays: z.literal(LOG_RETENTION_DAYS).default(30),
    /** What happens to customers, bus and identity when the stack is deleted. */
    removal: z.enum(['retain', 'destroy']).default('retain'),
    /** With an address, every alarm is mailed there; without one, only what subscribes to their topic hears of them. */
    alarms: z.strictObject({ address: z.optional(z.email()) }).prefault({}),
    /** Where whoever is on call reads the runbook: what links in alarms begin with, such as a page of the shop's own. */
    runbookBase: z
      .string()
      .max(RUNBOOK_BASE_MAX_CHARACTERS)
      .regex(/^[^\s#]+$/, 'a URL or path without spaces and anchor')
      .default('docs/runbook.md'),
  })
  .refine((config) => config.sending !== 'allow-list' || config.allowList.length > 0, {
    path: ['allowList'],
    error: 'sending is allow-list, so at least one address has to be listed',
  })
  .refine(({ identity, sender }) => identity === undefined || isWithin(domainOf(sender.address), identity), {
    path: ['identity'],
    error: "expected the domain of the sender's address, or one above it",
  })
  .refine(({ existing, mailFrom }) => mailFrom === undefined || !existing.includes('identity'), {
    path: ['mailFrom'],
    error: 'the identity is an existing one: where its bounces go is for whoever made it to set',
  })
  .refine(
    ({ existing, configurationSet }) => configurationSet !== undefined || !existing.includes('configurationSet'),
    {
      path: ['configurationSet'],
      error: 'an existing configuration set needs its name',
    },
  );

export type DeploymentConfig = z.output<typeof deploymentConfig>;
type DeploymentSettings = z.input<typeof deploymentConfig>;

/** The settings cannot be deployed. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
}

/**
 * Checks settings and fills in the defaults.
 *
 * @param where what stands in front of each path, such as "perennial.config.json: prod."
 * @throws InvalidConfig with one line per fault, each naming its path
 */
export function parseConfig(settings: unknown, where = ''): DeploymentConfig {
  const parsed = deploymentConfig.safeParse(settings);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  ${where}${issue.path.join('.') || '(top level)'}: ${issue.message}`,
  );
  throw new InvalidConfig(`the deployment config is invalid\n${faults.join('\n')}`, { cause: parsed.error });
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

/** Whether real people are behind a stage, so that nothing may change it unasked. */
export function isProduction({ production, sending }: Pick<DeploymentConfig, 'production' | 'sending'>): boolean {
  return production ?? sending === 'live';
}

/** The domain SES has verified, or is to verify. */
export function identityOf({ identity, sender }: DeploymentConfig): string {
  return identity ?? domainOf(sender.address);
}

/** The domain bounces return to; undefined where that is for whoever made the identity to set. */
export function mailFromOf(config: DeploymentConfig): string | undefined {
  if (config.existing.includes('identity')) return undefined;
  return `${config.mailFrom ?? MAIL_FROM_DEFAULT}.${identityOf(config)}`;
}

export function configurationSetOf({ configurationSet, stage }: DeploymentConfig): string {
  return configurationSet ?? `perennial-${stage}`;
}

/** Domains that belong to nobody (RFC 2606), as in the settings and the content this project ships with. */
export function isSample(addressOrDomain: string): boolean {
  return /(?:^|[.@])example(?:\.(?:com|net|org))?$/iu.test(addressOrDomain);
}

const TWIN_STAGE = 'local';
const DEFAULT_STAGE = 'dev';
const SHOP = { name: 'Kettle & Fern', address: 'hello@shop.example.com' };

/** The laptop: every mail goes to the local mailbox, nobody is held out and no quota kept free: all is to be seen. */
const TWIN: DeploymentSettings = {
  stage: TWIN_STAGE,
  region: 'us-east-1',
  account: '000000000000',
  sender: SHOP,
  replyTo: SHOP.address,
  sending: 'live',
  production: false,
  // On a laptop a report costs nothing, and it is good to see what became of a mail.
  sesEvents: ['send', 'delivery', 'deliveryDelay', 'bounce', 'complaint', 'reject'],
  holdout: { share: 0 },
  quotaShare: 1,
  removal: 'destroy',
};

const CONFIG_FILE = path.join(import.meta.dirname, '../perennial.config.json');
/** Names another file, such as one that is kept apart from the checkout. */
const CONFIG_FILE_VARIABLE = 'PERENNIAL_CONFIG';

const configFile = z.record(z.string(), z.looseObject({}));

/** The file with the settings of the stages. */
function configFilePath(): string {
  return process.env[CONFIG_FILE_VARIABLE] ?? CONFIG_FILE;
}

/** @throws InvalidConfig */
function readConfigFile(file: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const name = path.basename(file);
  try {
    return configFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    if (cause instanceof z.ZodError) {
      const faults = cause.issues.map((issue) => `  ${issue.path.join('.') || '(top level)'}: ${issue.message}`);
      throw new InvalidConfig(`${name} is to hold an object of settings for each stage\n${faults.join('\n')}`, {
        cause,
      });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidConfig(`${name} cannot be read: ${why}`, { cause });
  }
}

/**
 * The names of all stages that the file describes.
 *
 * @throws InvalidConfig when there is no such file, or it holds something else
 */
export function stageNames(): readonly string[] {
  return Object.keys(readConfigFile(configFilePath()));
}

/**
 * The stage a command is about that names none: dev, or the only one there is.
 *
 * @throws InvalidConfig when there are several and none is dev
 */
export function defaultStage(): string {
  const names = stageNames();
  if (names.includes(DEFAULT_STAGE)) return DEFAULT_STAGE;
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new InvalidConfig(`stage: expected the name of one: ${names.join(', ')}`);
}

/**
 * The settings of a named stage.
 *
 * @throws InvalidConfig when no such stage is described, or its settings are invalid
 * @example const config = stageConfig('prod');
 */
export function stageConfig(stage: string): DeploymentConfig {
  if (stage === TWIN_STAGE) return parseConfig(TWIN);
  const file = configFilePath();
  const stages = readConfigFile(file);
  const name = path.basename(file);
  const settings = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
  if (settings === undefined) {
    throw new InvalidConfig(`stage: no stage "${stage}"; ${name} describes ${Object.keys(stages).join(', ')}`);
  }
  if ('stage' in settings) {
    throw new InvalidConfig(`${name}: ${stage}.stage: the name of a stage is what stands in front of its settings`);
  }
  return parseConfig({ ...settings, stage }, `${name}: ${stage}.`);
}
