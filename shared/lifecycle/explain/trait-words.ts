/** What the traits are called, and those of a customer in words. */
import type { Living } from '../customer/profile.ts';
import { isTrait, type TraitId } from '../traits/ids.ts';
import { situationOf } from '../traits/situation.ts';
import { type Held, traitsAt } from '../traits/traits.ts';
import { NEVER } from '../time.ts';
import type { Setting } from './dossier.ts';
import { capital } from './message-name.ts';
import { dateOf } from './when.ts';

const TRAIT_NAMES: Readonly<Record<TraitId, string>> = {
  looker: 'Looker',
  researcher: 'Researcher',
  hesitant: 'Hesitant',
  ready: 'Ready to buy',
  bargain: 'Bargain hunter',
  impulse: 'Impulse buyer',
  switcher: 'Switcher',
  referred: 'Referred',
  neutral: 'Neutral',
  promoter: 'Promoter',
  critic: 'Critic',
  'was-critic': 'Critic now or lately',
  dissatisfied: 'Dissatisfied',
  'recent-trouble': 'Trouble now or lately',
  'bad-experience': 'Had a bad experience',
  changing: 'Wants a change',
  efficient: 'Efficient',
  traditional: 'Traditional',
  'key-account': 'Key account',
  'quiet-key-account': 'Quiet key account',
  returning: 'Returning',
  interested: 'Freshly interested',
};

/** "Key account"; one of the shop's own by its name. */
export function traitName(id: string): string {
  return isTrait(id) ? TRAIT_NAMES[id] : capital(id.replaceAll('-', ' '));
}

/** A trait somebody has, in words. */
export interface TraitLine extends Held {
  readonly name: string;
  /** "Researcher: three specification pages in two days, until 4 Mar 2026 at the latest" */
  readonly sentence: string;
}

/** The traits a customer has now, each with its reason and its end. */
export function traitLines(customer: Living, { playbook, now }: Setting): readonly TraitLine[] {
  return traitsAt(situationOf(customer, playbook), now).map((held) => {
    const name = traitName(held.id);
    const end = held.until === NEVER ? '' : `, until ${dateOf(held.until)} at the latest`;
    return { ...held, name, sentence: `${name}: ${held.because}${end}` };
  });
}
