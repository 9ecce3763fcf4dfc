/** Whether a message that was decided is still wanted; a "no" carries its reason. */
import { isOpen } from '../facts/complaints.ts';
import { findStep, type Placed, type Playbook } from '../playbook.ts';
import { stageNameOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import { parseKey } from './message-key.ts';
import { freshUntil } from './occurrences.ts';
import type { Living, Pending } from './profile.ts';

/** A message that will not go out, and why. Reasons are few and stable: they are counted. */
export interface Refused {
  readonly outcome: 'withheld' | 'cancelled';
  readonly reason: string;
}

export type Wanted = { readonly placed: Placed } | { readonly refused: Refused };

const cancelled = (reason: string): Wanted => ({ refused: { outcome: 'cancelled', reason } });
const withheld = (reason: string): Wanted => ({ refused: { outcome: 'withheld', reason } });

/**
 * Looks at a pending message again.
 *
 * @param t not before the customer's last evaluation
 */
export function stillWanted(customer: Living, key: string, message: Pending, playbook: Playbook, t: Instant): Wanted {
  const parts = parseKey(key);
  if (parts === undefined) return cancelled('step removed');
  const placed = findStep(playbook, parts.programme, parts.step);
  if (placed === undefined) return cancelled('step removed');
  const { series, step } = placed;
  const stage = stageNameOf(customer.facts, playbook.stages, t);
  switch (series.trigger) {
    case 'stage':
      if (stage !== series.stage) return cancelled(`stage is ${stage}`);
      if (String(customer.episodes[series.id]?.n) !== parts.episode) return cancelled('episode over');
      break;
    case 'interval':
      if (!series.stages.includes(stage)) return cancelled(`stage is ${stage}`);
      break;
    case 'complaint': {
      const complaint = customer.facts.complaints.known.find((each) => each.complaintId === parts.episode);
      const open = complaint !== undefined && isOpen(complaint);
      const from = series.steps.find((each) => each.id === step.id)?.from;
      if (from === 'opened' && !open) return cancelled('complaint resolved');
      if (from === 'resolved' && open) return cancelled('complaint open again');
      break;
    }
    default:
      return series satisfies never;
  }
  if (t > freshUntil(step, message.moment)) return withheld('stale');
  // Only a playbook that was changed since the message was decided can say so.
  if (message.moment < (placed.programme.startsAt ?? 0)) return withheld('not before start');
  return { placed };
}
