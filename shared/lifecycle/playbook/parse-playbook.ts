/**
 * Reading the playbook that marketers edit: durations become milliseconds and amounts minor units, so that the rest of
 * the core never sees a unit. Functions get what this makes, written down by the build; none of it is in their bundles.
 */
import * as z from 'zod/mini';
import { count, fieldsOf, lasting, listOf, oneOf, rhythm, timeOfDay, words } from './fields.ts';
import { offers } from './offers.ts';
import { contradictionsIn } from './contradictions.ts';
import { programme } from './series.ts';
import { stages } from './stages.ts';
import { traits } from './traits.ts';
import type { Playbook } from '../playbook.ts';

const hours = {
  from: timeOfDay.check(z.describe('When the quiet begins, such as 21:00.')),
  to: timeOfDay.check(z.describe('When it ends, such as 08:00; it may be on the next day.')),
};

const caps = {
  perDay: count.check(z.describe('Promotional mails to one person in 24 hours.')),
  perWeek: count.check(z.describe('Promotional mails to one person in 7 days.')),
  per30Days: count.check(z.describe('Promotional mails to one person in 30 days.')),
};

const priority = oneOf(['low', 'normal', 'high'], 'How urgent it is.');
const attention = fieldsOf({
  'severe-complaint': priority,
  critic: priority,
  'loyal-critic': priority,
  'key-account': priority,
  'key-account-at-risk': priority,
  'key-account-benefit': priority,
  'change-without-cost': priority,
  'named-obstacle': priority,
  'unanswered-objection': priority,
  answer: priority,
}).check(z.describe('Where a person is asked for ("Attention Needed"), and how urgently.'));

/** What a marketer writes; see {@link parsePlaybook} for what becomes of it. */
export const playbookSchema = fieldsOf({
  $schema: z.optional(words('Where an editor finds this schema.', './playbook.schema.json')),
  stages,
  caps: fieldsOf({
    ...caps,
    lessOften: fieldsOf(caps).check(z.describe('The same for people who asked for less mail.')),
  }).check(z.describe('How much promotional mail one person gets at most.')),
  bounces: fieldsOf({
    transient: count.check(
      z.describe('So many bounces that may pass (a full mailbox) within the time below are too many for an address.'),
    ),
    within: rhythm('The time within which such bounces are counted.'),
    rest: rhythm('How long the address gets no mail then. A delivery in the meantime ends it.'),
  }).check(
    z.describe('When an address that keeps bouncing is left alone. Mailboxes that do not exist are so for good.'),
  ),
  quietHours: fieldsOf({
    ...hours,
    spread: lasting('Mail held back over night goes out spread over this long.'),
    withoutZone: fieldsOf({
      ...hours,
      timeZone: words('The time zone of most customers, such as Europe/Berlin.', 'Europe/Berlin'),
    }).check(
      z.describe(
        'For people whose time zone nobody knows: a window that is polite in the part of the world of the shop.',
      ),
    ),
  }).check(z.describe('When promotional mail waits, in the time zone of the customer.')),
  repeatAfter: rhythm(
    'A series begins anew no sooner than this, but for service, which follows every cause, and for somebody who comes back, or lapses again after having bought.',
  ),
  cooldown: rhythm('A step reaches a person again no sooner than this.'),
  longestSilence: rhythm(
    'Waiting ends, and the first reminder of somebody who never had a mail comes, before anybody with an order has heard nothing for longer. A day less than what is promised: the last day may be needed for night and quiet hours.',
  ),
  longestWait: lasting('A series waits no longer than this for the traits of its `waitsFor` to end.'),
  traits,
  offers,
  attention,
  programmes: listOf(programme, 'programmes').check(z.describe('What customers are written, and when.')),
});

export type ParsedPlaybook = z.output<typeof playbookSchema>;

/** The playbook is not valid. The message names the path and what was expected, one line per finding. */
export class InvalidPlaybook extends Error {
  override readonly name = 'InvalidPlaybook';
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'playbook' : path.map(String).join('.');
}

/**
 * Reads a playbook.
 *
 * @param source the parsed JSON
 * @throws InvalidPlaybook naming every path that is wrong
 */
export function parsePlaybook(source: unknown): Playbook {
  const result = playbookSchema.safeParse(source);
  if (!result.success) {
    const lines = result.error.issues.flatMap((issue) => {
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      return paths.map((path) => `${pathText(path)}: ${issue.message}`);
    });
    throw new InvalidPlaybook(lines.join('\n'));
  }
  const findings = contradictionsIn(result.data);
  if (findings.length > 0) throw new InvalidPlaybook(findings.join('\n'));
  return result.data;
}
