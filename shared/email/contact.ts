/** Whom a key account deals with: mails to one come from a person. */
import { caseStepOf, type Placed } from '../lifecycle/playbook.ts';

/** Whether a step is written to key accounts only, so that it is never without the person they deal with. */
export function isForKeyAccounts(placed: Placed): boolean {
  const { series } = placed;
  if (series.trigger === 'trait') return series.trait === 'key-account' || series.trait === 'quiet-key-account';
  const about = caseStepOf(placed)?.about ?? [];
  return about.includes('key-account') || about.includes('key-account-at-risk');
}
