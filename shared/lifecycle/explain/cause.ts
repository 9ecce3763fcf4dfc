/** What led to a message: the customer's situation at the moment of the decision, and the event that brought it. */
import type { LedgerEntry } from '../customer/claim.ts';
import { parseKey } from '../customer/message-key.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { factsOf } from '../fold.ts';
import { findStep, type Placed, type Playbook } from '../playbook.ts';
import { stageOf } from '../stage.ts';
import { eventLine } from './event-line.ts';
import { stageName } from './stage-words.ts';
import { stageHistory } from './stage-history.ts';
import { absolute, lasting } from './when.ts';

/** As one or two sentences; undefined for text that is no key of a message. */
export function causeOf(
  { key, decidedAt, cause }: Pick<LedgerEntry, 'key' | 'decidedAt' | 'cause'>,
  journal: readonly CustomerEvent[],
  playbook: Playbook,
): string | undefined {
  const parts = parseKey(key);
  if (parts === undefined) return undefined;
  const placed = findStep(playbook, parts.programme, parts.step);
  if (placed?.series.trigger === 'complaint') {
    const from = placed.series.steps.find((each) => each.id === parts.step)?.from ?? 'opened';
    const event = journal.find(({ id }) => id === cause);
    const when = event === undefined ? '' : ` on ${absolute(event.occurredAt)}`;
    return `Complaint ${parts.episode} was ${from}${when}.${rhythmOf(placed)}`;
  }
  const known = journal.filter((event) => event.occurredAt <= decidedAt);
  const { stage, reasons } = stageOf(factsOf(known), playbook.stages, decidedAt);
  return `The stage was “${stageName(stage)}”: ${reasons.join('; ')}.${sinceWhen(known, playbook, decidedAt)}${placed === undefined ? '' : rhythmOf(placed)}`;
}

/** What the playbook says about the step's moment; nothing for one that comes at once. */
function rhythmOf({ series, step: { id } }: Placed): string {
  switch (series.trigger) {
    case 'stage': {
      const after = series.steps.find((each) => each.id === id)?.after ?? 0;
      return after === 0 ? '' : ` This message comes ${lasting(after)} later.`;
    }
    case 'interval':
      return ` Mail of this series comes every ${lasting(series.every)}.`;
    case 'complaint': {
      const { after = 0, every } = series.steps.find((each) => each.id === id) ?? {};
      const later = after === 0 ? '' : ` This message comes ${lasting(after)} later.`;
      return every === undefined ? later : `${later} It comes again every ${lasting(every)}.`;
    }
    default:
      return series satisfies never;
  }
}

function sinceWhen(known: readonly CustomerEvent[], playbook: Playbook, decidedAt: number): string {
  const entered = stageHistory(known, playbook.stages, decidedAt).at(-1);
  if (entered === undefined) return '';
  return ` It began on ${absolute(entered.at)} with ${entered.by === undefined ? 'the passing of time' : eventLine(entered.by)}.`;
}
