/** Whom a key account deals with: mails to one come from a person. */
import type { Placed } from '../lifecycle/playbook.ts';

/** Whether a step is written to key accounts only, so that it is never without the person they deal with. */
export function isForKeyAccounts({ series, step: { id } }: Placed): boolean {
  if (series.trigger === 'trait') return series.trait === 'key-account' || series.trait === 'quiet-key-account';
  if (series.trigger !== 'case') return false;
  const about = series.steps.find((each) => each.id === id)?.about ?? [];
  return about.includes('key-account') || about.includes('key-account-at-risk');
}
