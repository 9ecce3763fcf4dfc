/** Why a mail was sent: what the ledger noted, and the customer's situation at the moment of the decision. */
import type { LedgerEntry } from '../../../shared/lifecycle/customer/claim.ts';
import { type MessageKey, parseKey } from '../../../shared/lifecycle/customer/message-key.ts';
import type { CustomerEvent } from '../../../shared/lifecycle/events/definition.ts';
import { factsOf } from '../../../shared/lifecycle/fold.ts';
import { findStep, type Playbook } from '../../../shared/lifecycle/playbook.ts';
import { stageOf } from '../../../shared/lifecycle/stage.ts';
import { messageName, stageName } from './sentences.ts';
import { absolute } from './when.ts';

export interface Noted {
  readonly term: string;
  readonly text: string;
}

export function whyOf(entry: LedgerEntry, journal: readonly CustomerEvent[], playbook: Playbook): readonly Noted[] {
  const { key, decidedAt, moment, attempt, template, locale, release } = entry;
  const parts = parseKey(key);
  const [, variant] = template?.split('@') ?? [];
  return [
    { term: 'Message', text: parts === undefined ? key : messageName(parts) },
    ...(parts === undefined ? [] : [{ term: 'Why', text: causeOf(parts, entry, journal, playbook) }]),
    { term: 'Meant for', text: absolute(moment) },
    { term: 'Decided', text: attempt > 1 ? `${absolute(decidedAt)}, attempt ${attempt}` : absolute(decidedAt) },
    ...(template === undefined ? [] : [{ term: 'Variant', text: `${variant ?? 'standard'}, in ${locale ?? 'en'}` }]),
    ...(release === undefined ? [] : [{ term: 'Release', text: release }]),
  ];
}

function causeOf(
  { programme, step, episode }: MessageKey,
  { decidedAt }: LedgerEntry,
  journal: readonly CustomerEvent[],
  playbook: Playbook,
): string {
  const placed = findStep(playbook, programme, step);
  if (placed?.series.trigger === 'complaint') {
    const from = placed.series.steps.find((each) => each.id === step)?.from ?? 'opened';
    return `Complaint ${episode} was ${from}`;
  }
  const known = journal.filter((event) => event.occurredAt <= decidedAt);
  const { stage, reasons } = stageOf(factsOf(known), playbook.stages, decidedAt);
  return `The stage was “${stageName(stage)}”: ${reasons.join('; ')}`;
}
