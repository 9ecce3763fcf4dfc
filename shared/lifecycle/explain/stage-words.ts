/** What the stages are called. */
import { type Stage } from '../stage.ts';

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  lead: 'Lead',
  new: 'New',
  active: 'Active',
  loyal: 'Loyal',
  at_risk: 'At risk',
  lapsed: 'Lapsed',
};

export const STAGE_MEANINGS: Readonly<Record<Stage, string>> = {
  lead: 'known, no order yet',
  new: 'first order, or back again',
  active: 'buying as usual',
  loyal: 'often, for long, content',
  at_risk: 'silent for longer than usual',
  lapsed: 'unlikely to return unasked',
};

/** "At risk" for a stage, the word itself for anything else. */
export function stageName(stage: string): string {
  return Object.entries(STAGE_NAMES).find(([each]) => each === stage)?.[1] ?? stage;
}
