/** What led to a message: the customer's situation at the moment of the decision, and the event that brought it. */
import type { CaseKind } from '../case-kinds.ts';
import type { LedgerEntry } from '../customer/claim.ts';
import { parseKey } from '../customer/message-key.ts';
import { campaignAddressed } from '../events/campaign-addressed.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { factsOf } from '../fold.ts';
import { caseStepOf, findStep, type Placed, type Playbook } from '../playbook.ts';
import { stageOf } from '../stage.ts';
import { traitsAt } from '../traits/traits.ts';
import { eventLine } from './event-line.ts';
import { stageName } from './stage-words.ts';
import { stageHistory } from './stage-history.ts';
import { traitName } from './trait-words.ts';
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
  const rhythm = placed === undefined ? '' : rhythmOf(placed);
  if (placed?.series.trigger === 'case') {
    const { of } = placed.series;
    const from = caseStepOf(placed)?.from ?? 'opened';
    const event = journal.find(({ id }) => id === cause);
    if (from === 'ended') {
      const opened = event === undefined ? '' : `, on ${absolute(event.occurredAt)}`;
      return `${CASES[of].opened(parts.episode)}${opened}, and ended by itself because nobody closed it.${rhythm}`;
    }
    return `${CASES[of][from](parts.episode)}${event === undefined ? '' : ` on ${absolute(event.occurredAt)}`}.${rhythm}`;
  }
  if (placed?.series.trigger === 'campaign')
    return byCampaign(
      parts.episode,
      journal.find(({ id }) => id === cause),
    );
  const known = journal.filter((event) => event.occurredAt <= decidedAt);
  const facts = factsOf(known);
  if (placed?.series.trigger === 'trait') {
    const { trait } = placed.series;
    const held = traitsAt({ facts, playbook, mails: [] }, decidedAt).find(({ id }) => id === trait);
    const why = held === undefined ? '' : `: ${held.because}, since ${absolute(held.since)}`;
    return `The trait was “${traitName(trait)}”${why}.${rhythm}`;
  }
  const { stage, reasons } = stageOf(facts, playbook.stages, decidedAt);
  const since = sinceWhen(known, playbook, decidedAt);
  return `The stage was “${stageName(stage)}”: ${reasons.join('; ')}.${since}${rhythm}`;
}

/** "Addressed by the campaign “spring” to stage=active, trait=promoter, on 2 Mar 2026, 12:00 UTC." */
function byCampaign(name: string, addressed: CustomerEvent | undefined): string {
  const said = addressed && campaignAddressed.data.safeParse(addressed.data);
  if (addressed === undefined || said?.success !== true) return `Addressed by the campaign “${name}”.`;
  return `Addressed by the campaign “${name}” to ${said.data.audience}, on ${absolute(addressed.occurredAt)}.`;
}

/** How the two ends of a case are told; the time of the event follows. */
const CASES: Readonly<Record<CaseKind, Readonly<Record<'opened' | 'closed', (id: string) => string>>>> = {
  complaint: {
    opened: (id) => `Complaint ${id} was opened`,
    closed: (id) => `Complaint ${id} was resolved`,
  },
  rating: {
    opened: (id) => `Review ${id} was a bad one, posted`,
    closed: (id) => `A better rating followed review ${id}`,
  },
  renewal: {
    opened: (id) => `The renewal of subscription ${id} was stopped`,
    closed: (id) => `The renewal of subscription ${id} was resumed`,
  },
  'late-order': {
    opened: (id) => `Order ${id} had not come when it was promised; it was placed`,
    closed: (id) => `Order ${id} came later than promised; it was placed`,
  },
  change: {
    opened: (id) => `Change ${id} was requested`,
    closed: (id) => `Change ${id} was confirmed`,
  },
  checkout: {
    opened: () => 'A checkout was started',
    closed: () => 'A checkout ended',
  },
  cart: {
    opened: () => 'A cart was left',
    closed: () => 'A cart was taken further',
  },
  answer: {
    opened: () => 'A question of ours was answered',
    closed: () => 'A question of ours was answered',
  },
  referral: {
    opened: () => 'Somebody came by the recommendation of this customer',
    closed: () => 'Somebody came by the recommendation of this customer',
  },
  attention: {
    opened: () => 'A person was asked for; what led to it happened',
    closed: () => 'A person took care',
  },
  order: {
    opened: (id) => `Order ${id} was placed`,
    closed: (id) => `Order ${id} was placed`,
  },
};

/** What the playbook says about the step's moment; nothing for one that comes at once. */
function rhythmOf(placed: Placed): string {
  const { series, step } = placed;
  switch (series.trigger) {
    case 'stage':
    case 'trait':
      return laterBy(series.steps.find(({ id }) => id === step.id)?.after);
    case 'campaign':
      return '';
    case 'interval':
      return ` Mail of this series comes every ${lasting(series.every)}.`;
    case 'case': {
      const { after, every } = caseStepOf(placed) ?? {};
      return every === undefined ? laterBy(after) : `${laterBy(after)} It comes again every ${lasting(every)}.`;
    }
    default:
      return series satisfies never;
  }
}

function laterBy(after = 0): string {
  return after === 0 ? '' : ` This message comes ${lasting(after)} later.`;
}

function sinceWhen(known: readonly CustomerEvent[], playbook: Playbook, decidedAt: number): string {
  const entered = stageHistory(known, playbook.stages, decidedAt).at(-1);
  if (entered === undefined) return '';
  return ` It began on ${absolute(entered.at)} with ${entered.by === undefined ? 'the passing of time' : eventLine(entered.by)}.`;
}
