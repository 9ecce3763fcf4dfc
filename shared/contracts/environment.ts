/**
 * The environment variables a function may read. Infrastructure sets exactly these keys and handlers read exactly
 * these keys, so a variable that is missing or misspelt fails at cold start instead of at the first customer.
 */

/** What each function is given by the template. All values are required. */
export const ENVIRONMENT = {
  record: ['TABLE_NAME', 'CONTENT_TABLE', 'BUS_NAME', 'ADDRESS_SECRET', 'METRICS_NAMESPACE'],
  sweep: ['TABLE_NAME', 'BUS_NAME', 'METRICS_NAMESPACE'],
  census: ['TABLE_NAME', 'CONTENT_TABLE', 'BUS_NAME', 'SENDING', 'HOLDOUT_SHARE', 'HOLDOUT_SALT', 'METRICS_NAMESPACE'],
  feedback: ['TABLE_NAME', 'CONTENT_TABLE', 'BUS_NAME', 'ADDRESS_SECRET', 'METRICS_NAMESPACE'],
  preferences: ['TABLE_NAME', 'CONTENT_TABLE', 'BUS_NAME', 'ADDRESS_SECRET', 'LINK_SECRET', 'METRICS_NAMESPACE'],
  ingest: ['TABLE_NAME', 'BUS_NAME', 'INTAKE_SECRET', 'INTAKE_RATE', 'METRICS_NAMESPACE'],
  send: [
    'TABLE_NAME',
    'CONTENT_TABLE',
    'ADDRESS_SECRET',
    'LINK_SECRET',
    'LINK_BASE',
    'SENDER',
    'REPLY_TO',
    'CONFIGURATION_SET',
    'SENDING',
    'ALLOW_LIST',
    'HOLDOUT_SHARE',
    'HOLDOUT_SALT',
    'QUOTA_SHARE',
    'SENDERS',
    'WARM_UP',
    'METRICS_NAMESPACE',
  ],
} as const satisfies Record<string, readonly string[]>;

export type FunctionName = keyof typeof ENVIRONMENT;

/** All functions. */
export const FUNCTION_NAMES = [
  'record',
  'sweep',
  'census',
  'send',
  'feedback',
  'preferences',
  'ingest',
] as const satisfies readonly FunctionName[];

export type EnvironmentOf<F extends FunctionName> = Readonly<Record<(typeof ENVIRONMENT)[F][number], string>>;

/** A variable of the template is missing or empty: the deployment is wrong, so nothing is processed. */
export class MissingEnvironment extends Error {
  override readonly name = 'MissingEnvironment';
  constructor(functionName: FunctionName, key: string) {
    super(`${functionName}: the environment variable ${key} is not set; the template has to set it`);
  }
}

/**
 * Reads the variables of one function.
 *
 * @throws MissingEnvironment for the first variable that is absent or empty
 * @example const { TABLE_NAME } = environmentOf('record', process.env);
 */
export function environmentOf<F extends FunctionName>(
  functionName: F,
  source: Readonly<Record<string, string | undefined>>,
): EnvironmentOf<F> {
  const read: Record<string, string> = {};
  for (const key of ENVIRONMENT[functionName]) {
    const value = source[key];
    if (value === undefined || value === '') throw new MissingEnvironment(functionName, key);
    read[key] = value;
  }
  // The loop above has set every key of the type.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return read as EnvironmentOf<F>;
}

/** How much of sending a deployment does; the first deploy of a stage is `shadow`. */
export const SENDING_MODES = ['off', 'shadow', 'allow-list', 'live'] as const;
export type SendingMode = (typeof SENDING_MODES)[number];

/** Value of ALLOW_LIST when no address is listed: an environment variable cannot be empty. */
export const NOBODY = '-';

/** Value of WARM_UP when nothing is warmed up; otherwise it holds `<mails on the first day>,<factor per day>`. */
export const NO_WARM_UP = '-';
