/** The traits this product recognises; a shop adds its own in the playbook. */
export const TRAITS = [
  'looker',
  'researcher',
  'hesitant',
  'ready',
  'bargain',
  'impulse',
  'switcher',
  'referred',
  'neutral',
  'promoter',
  'critic',
  'was-critic',
  'dissatisfied',
  'recent-trouble',
  'bad-experience',
  'changing',
  'efficient',
  'traditional',
  'key-account',
  'quiet-key-account',
  'returning',
  'interested',
] as const;

export type TraitId = (typeof TRAITS)[number];

export function isTrait(id: string): id is TraitId {
  return TRAITS.some((each) => each === id);
}
