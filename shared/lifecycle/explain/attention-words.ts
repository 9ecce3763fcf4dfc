/** Why a person is asked for, in words. */
import type { AttentionReason } from '../customer/attention.ts';

const WORDS: Readonly<Record<AttentionReason, string>> = {
  'severe-complaint': 'a severe complaint is open',
  critic: 'has become a critic',
  'loyal-critic': 'would be loyal, but has become a critic',
  'key-account': 'has become a key account',
  'key-account-at-risk': 'a key account has gone silent',
  'key-account-benefit': 'a key account is due something others get by mail',
  'change-without-cost': 'asked for a change nobody has put a price on',
  'named-obstacle': 'named what keeps them from buying',
  'unanswered-objection': 'has an objection we have no answer to',
  answer: 'gave an answer that asks for a person',
};

/** A reason this release does not know keeps its name. */
export function attentionInWords(reason: string): string {
  return Object.entries(WORDS).find(([each]) => each === reason)?.[1] ?? reason;
}
