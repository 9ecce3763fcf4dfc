/** When a scheduled rule fires: every minute, or once a day at a minute (UTC). Other schedules are not emulated. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export type Schedule =
  | { readonly kind: 'every minute' }
  /** Milliseconds after midnight, UTC. */
  | { readonly kind: 'daily'; readonly at: number };

const DAILY = /^cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)$/u;

/** Undefined for an expression that is not emulated. */
export function parseSchedule(expression: string): Schedule | undefined {
  if (expression === 'rate(1 minute)') return { kind: 'every minute' };
  const [, minute, hour] = DAILY.exec(expression) ?? [];
  if (minute === undefined || hour === undefined) return undefined;
  return { kind: 'daily', at: (Number(hour) * 60 + Number(minute)) * MINUTE };
}

/** The first instant after `after` at which a daily rule fires. */
export function nextTime({ at }: Extract<Schedule, { kind: 'daily' }>, after: number): number {
  const today = Math.floor(after / DAY) * DAY + at;
  return today > after ? today : today + DAY;
}
