/**
 * A customer's story as data: which stage and why, what happened, what was sent or not and for which reason, and what
 * comes next. Everything is computed from what is stored by the core itself, so that the page and the command tell the
 * same, and both tell what the functions decided.
 */
import { nextDue } from '../customer/due.ts';
import type { Erased } from '../customer/profile.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { type Stage, stageOf } from '../stage.ts';
import { type Instant, NEVER } from '../time.ts';
import type { Dossier, LivingDossier, Setting } from './dossier.ts';
import { eventLine, particularsOf } from './event-line.ts';
import { type MessageLine, messageLines } from './message-lines.ts';
import { capital } from './message-name.ts';
import { outlookOf, type Upcoming } from './outlook.ts';
import { stageHistory } from './stage-history.ts';
import { stageName } from './stage-words.ts';
import { dissatisfaction, type Noted, personInWords, standingInWords } from './standing.ts';
import { type TraitLine, traitLines } from './trait-words.ts';
import { absolute } from './when.ts';

export type Entry =
  | {
      readonly kind: 'event';
      readonly at: Instant;
      readonly title: string;
      readonly detail: string;
      readonly event: CustomerEvent;
    }
  | {
      readonly kind: 'stage';
      readonly at: Instant;
      readonly title: string;
      readonly detail: string;
      readonly stage: Stage;
    }
  | {
      readonly kind: 'message';
      readonly at: Instant;
      readonly title: string;
      readonly detail: string;
      readonly message: MessageLine;
    };

export interface LivingStory {
  readonly kind: 'living';
  readonly customerId: string;
  readonly stage: Stage;
  readonly since: Instant;
  readonly reasons: readonly string[];
  /** What brought the stage. */
  readonly entered: string | undefined;
  /** Lies over the stage while something is wrong. */
  readonly dissatisfied: string | undefined;
  /** Held now, each with its reason and its end. */
  readonly traits: readonly TraitLine[];
  readonly person: readonly Noted[];
  readonly standing: readonly Noted[];
  readonly upcoming: readonly Upcoming[];
  /** When the customer is looked at again if nothing happens; undefined when nothing is planned. */
  readonly due: Instant | undefined;
  /** Newest first. */
  readonly messages: readonly MessageLine[];
  /** Newest first. */
  readonly entries: readonly Entry[];
}

export type Story = LivingStory | Pick<Erased, 'kind' | 'customerId' | 'erasedAt'>;

export function storyOf({ profile, ...rest }: Dossier, setting: Setting): Story {
  if (profile.kind === 'erased') {
    return { kind: 'erased', customerId: profile.customerId, erasedAt: profile.erasedAt };
  }
  const dossier: LivingDossier = { profile, ...rest };
  const { playbook, now } = setting;
  const { facts, customerId, stage, stageSince } = profile;
  const messages = messageLines(dossier, setting);
  const { reasons } = stageOf(facts, playbook.stages, now);
  const due = nextDue(profile, playbook, now);
  return {
    kind: 'living',
    customerId,
    stage,
    since: stageSince,
    reasons,
    entered: enteredInWords(dossier, setting),
    dissatisfied: dissatisfaction(profile, setting),
    traits: traitLines(profile, setting),
    person: personInWords(profile),
    standing: standingInWords(dossier, setting),
    upcoming: outlookOf(dossier, setting),
    due: due === NEVER ? undefined : Math.max(due, now),
    messages,
    entries: entriesOf(dossier, messages, setting),
  };
}

function enteredInWords({ journal }: LivingDossier, { playbook, now }: Setting): string | undefined {
  const entered = stageHistory(journal, playbook.stages, now).at(-1);
  if (entered === undefined) return undefined;
  const by = entered.by === undefined ? 'the passing of time' : eventLine(entered.by);
  return `Came from “${stageName(entered.from)}” on ${absolute(entered.at)} with ${by}.`;
}

function entriesOf(
  { journal }: LivingDossier,
  messages: readonly MessageLine[],
  { playbook, now }: Setting,
): readonly Entry[] {
  const events = journal.map((event): Entry => ({
    kind: 'event',
    at: event.occurredAt,
    title: event.type,
    detail: particularsOf(event),
    event,
  }));
  const stages = stageHistory(journal, playbook.stages, now).map(({ at, from, to, reasons }): Entry => ({
    kind: 'stage',
    at,
    title: `${stageName(from)} → ${stageName(to)}`,
    detail: reasons.length === 0 ? '' : `${capital(reasons.join('; '))}.`,
    stage: to,
  }));
  // Both lists beside it are oldest first.
  const mails = messages.toReversed().map((message): Entry => ({
    kind: 'message',
    at: message.at,
    title: message.name,
    detail: message.sentence,
    message,
  }));
  // Of one instant: the event, what it made of the customer, one change after the other, and the mail it led to. All of it
  // is turned round at the end: sorting downwards would leave what is equal as it came.
  return [...events, ...stages, ...mails].toSorted((a, b) => a.at - b.at || RANK[a.kind] - RANK[b.kind]).toReversed();
}

const RANK: Readonly<Record<Entry['kind'], number>> = { event: 0, stage: 1, message: 2 };
