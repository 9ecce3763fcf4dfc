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
 * of German.
 */
const ABBREVIATIONS: Readonly<Record<string, number>> = {
  WET: 0,
  WEST: 1,
  CET: 1,
  CEST: 2,
  MEZ: 1,
  MESZ: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  IDT: 3,
  SAST: 2,
  EAT: 3,
  CAT: 2,
  WAT: 1,
  PKT: 5,
  WIB: 7,
  WITA: 8,
  WIT: 9,
  HKT: 8,
  JST: 9,
  KST: 9,
  AWST: 8,
  ACST: 9.5,
  ACDT: 10.5,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  NST: -3.5,
  NDT: -2.5,
  ADT: -3,
  EST: -5,
  EDT: -4,
  MDT: -6,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
};

interface Meanings {
  /** Clocks that never change, and those that do in their winter. */
  readonly standard?: readonly number[];
  readonly summer?: readonly number[];
}

/** Those that clocks of several offsets use: a zone in whose year one of them occurs tells which is meant. */
const SEVERAL: Readonly<Record<string, Meanings>> = {
  BST: { standard: [6], summer: [1] },
  IST: { standard: [2, 5.5], summer: [1] },
  AST: { standard: [-4, 3] },
  CST: { standard: [-6, -5, 8] },
  CDT: { summer: [-5, -4] },
  MST: { standard: [-7, 8] },
  PST: { standard: [-8, 8] },
};
/** The IANA names of North America that are not of a place. */
const WITHOUT_PLACE = /^[A-Z]{3}\d[A-Z]{3}$/;

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
  const name = zone.toUpperCase();
  const only = ABBREVIATIONS[name];
  if (only !== undefined) return wall - only * HOUR;
  const several = SEVERAL[name];
  if (several !== undefined) return meantIn(several, wall, toInstant);
  return zone.includes('/') || WITHOUT_PLACE.test(name) ? named(zone)?.(wall) : undefined;
}

/**
 * An abbreviation by the clocks of a zone, in their summer or not: some say standard time all year, and an hour that
 * clocks show twice is told apart by it.
 */
function meantIn({ standard = [], summer = [] }: Meanings, wall: number, toInstant: ToInstant): Instant | undefined {
  const year = new Date(wall).getUTCFullYear();
  const ahead = Array.from({ length: 12 }, (_, month) => {
    const day = Date.UTC(year, month, 1);
    return day - toInstant(day);
  });
  const [least, most] = [Math.min(...ahead), Math.max(...ahead)];
  if (standard.some((hours) => hours * HOUR === least)) return wall - least;
  return most > least && summer.some((hours) => hours * HOUR === most) ? wall - most : undefined;
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
