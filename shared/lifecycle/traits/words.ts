/** How the reasons of traits say numbers: in words as far as people do. */
import { DAY, type Duration, HOUR } from '../time.ts';

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
] as const;

/** "three specification pages"; from thirteen on in digits. */
export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${NUMBERS[count] ?? count.toLocaleString('en')} ${count === 1 ? noun : nouns}`;
}

/** "24 hours", "three days": a duration of the playbook. */
export function long(duration: Duration): string {
  if (duration < 2 * DAY) return counted(Math.round(duration / HOUR), 'hour');
  return counted(Math.round(duration / DAY), 'day');
}
