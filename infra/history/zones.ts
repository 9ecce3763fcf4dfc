/**
 * Zones as exports name them beside a time: an offset, an IANA name, or an abbreviation. An abbreviation is taken at its
 * word only where clocks of one offset use it; of others the zone of the file has to tell which is meant.
 */
import { instantIn } from '../campaigns/wall-clock.ts';
import { UsageError } from '../local/usage-error.ts';
import { type Duration, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';

/** The instant of a clock's reading, which is itself given as if the clock stood in UTC. */
export type ToInstant = (wall: number) => Instant;

/** `+0100`, `+01:00`, `+1`, also after `UTC` or `GMT`, where a plus means ahead of Greenwich. */
const OFFSET = /^(?:UTC|GMT|UT)?\s?([+\-\u2212])(\d{1,2})(?::?(\d{2}))?$/i;
const GREENWICH = /^(?:Z|UTC|GMT|UT)$/i;
/** No clock is further from UTC: Kiritimati. */
const FURTHEST: Duration = 14 * HOUR;

/**
 * Hours that clocks with such a name are ahead of UTC: the abbreviations the IANA time zone database uses today, and those
 * of German. Several numbers are several meanings.
 */
const ABBREVIATIONS: Readonly<Record<string, readonly number[]>> = {
  WET: [0],
  WEST: [1],
  BST: [1, 6],
  CET: [1],
  CEST: [2],
  MEZ: [1],
  MESZ: [2],
  EET: [2],
  EEST: [3],
  MSK: [3],
  IST: [1, 2, 5.5],
  IDT: [3],
  SAST: [2],
  EAT: [3],
  CAT: [2],
  WAT: [1],
  PKT: [5],
  WIB: [7],
  WITA: [8],
  WIT: [9],
  HKT: [8],
  JST: [9],
  KST: [9],
  AWST: [8],
  ACST: [9.5],
  ACDT: [10.5],
  AEST: [10],
  AEDT: [11],
  NZST: [12],
  NZDT: [13],
  NST: [-3.5],
  NDT: [-2.5],
  AST: [-4, 3],
  ADT: [-3],
  EST: [-5],
  EDT: [-4],
  CST: [-6, -5, 8],
  CDT: [-5, -4],
  MST: [-7, 8],
  MDT: [-6],
  PST: [-8, 8],
  PDT: [-7],
  AKST: [-9],
  AKDT: [-8],
  HST: [-10],
};

/**
 * The instant of a reading with a zone beside it.
 *
 * @param toInstant of the zone of the file, which tells what an abbreviation of several meanings means
 * @returns undefined when nobody knows which zone that is
 */
export function instantAt(wall: number, zone: string, toInstant: ToInstant): Instant | undefined {
  if (GREENWICH.test(zone)) return wall;
  const [, sign, hours = '0', minutes = '0'] = OFFSET.exec(zone) ?? [];
  if (sign !== undefined) {
    const ahead = Number(hours) * HOUR + Number(minutes) * MINUTE;
    return ahead > FURTHEST || Number(minutes) > 59 ? undefined : wall - (sign === '+' ? ahead : -ahead);
  }
  const meanings = ABBREVIATIONS[zone.toUpperCase()];
  if (meanings === undefined) return zone.includes('/') ? named(zone)?.(wall) : undefined;
  const [only, ...others] = meanings.map((ahead) => wall - ahead * HOUR);
  if (others.length === 0) return only;
  const inFile = toInstant(wall);
  return inFile === only || others.includes(inFile) ? inFile : undefined;
}

const clocks = new Map<string, ToInstant | undefined>();

/** Clocks of an IANA name; undefined when there is no such zone. */
function named(timeZone: string): ToInstant | undefined {
  if (!clocks.has(timeZone)) clocks.set(timeZone, isTimeZone(timeZone) ? clockIn(timeZone) : undefined);
  return clocks.get(timeZone);
}

/** Whether there is such a zone, by its IANA name: an offset is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Clocks change at such times, so their distance from UTC is looked up once in this time (ms). */
const CHANGE = 15 * MINUTE;

/**
 * Instants of what clocks in a zone show.
 *
 * @param timeZone an IANA name such as Europe/Stockholm
 * @throws UsageError when there is no such zone
 */
export function clockIn(timeZone: string): ToInstant {
  if (!isTimeZone(timeZone)) throw new UsageError(`expected a time zone such as Europe/Stockholm, found "${timeZone}"`);
  if (timeZone === 'UTC') return (wall) => wall;
  const ahead = new Map<number, number>();
  return (wall) => {
    const step = Math.floor(wall / CHANGE) * CHANGE;
    let offset = ahead.get(step);
    if (offset === undefined) {
      offset = step - (instantIn(timeZone, new Date(step).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)) ?? step);
      ahead.set(step, offset);
    }
    return wall - offset;
  };
}
