/** How a customer stands with the shop and its mail: who, what was agreed and chosen, and what stands in the way. */
import { blockedAt } from '../address.ts';
import { openAttention } from '../customer/attention.ts';
import { isHeldOut } from '../customer/permit.ts';
import { pausedUntil, pausesOf } from '../customer/pauses.ts';
import type { Living } from '../customer/profile.ts';
import { answersOf } from '../facts/answers.ts';
import { choicesOf } from '../facts/choices.ts';
import { digitsOf } from '../facts/money.ts';
import { historyOf, spendOf } from '../facts/orders.ts';
import { personOf } from '../facts/person.ts';
import { dissatisfiedSpans, dissatisfiedUntil } from '../stage.ts';
import type { Instant } from '../time.ts';
import { attentionInWords } from './attention-words.ts';
import { consentInWords } from './consent-words.ts';
import type { LivingDossier, Setting } from './dossier.ts';
import { pausesInWords, stopOfLane } from './lane-words.ts';
import { capital } from './message-name.ts';
import { offersInWords } from './offer-words.ts';
import { reasonInWords } from './reason-words.ts';
import { traitLines } from './trait-words.ts';
import { absolute, dateOf } from './when.ts';

/** A line of the list: what it is about, and a sentence. */
export interface Noted {
  readonly term: string;
  readonly text: string;
}

/** Who it is. Kept apart, since it names the person. */
export function personInWords({ facts }: Living): readonly Noted[] {
  const { name, email, locale, timeZone, referral, accountManager } = personOf(facts.person);
  return noted([
    ['Name', name],
    ['Address', email],
    ['Language', locale],
    ['Time zone', timeZone],
    ['Referrer', referral?.by],
    ['Contact', accountManager?.name],
  ]);
}

/** Everything else that decides about their mail. */
export function standingInWords(dossier: LivingDossier, setting: Setting): readonly Noted[] {
  const { profile } = dossier;
  const { now } = setting;
  return noted([
    ['Consent', consentInWords(profile.facts.consent, now)],
    ['Choices', choicesInWords(profile)],
    ['Answers', answersInWords(profile)],
    ['Mail to the address', addressInWords(dossier, now)],
    ['Holdout', holdoutInWords(profile.customerId, setting)],
    ['Orders', ordersInWords(profile)],
    ...traitLines(profile, setting).map(({ sentence }) => ['Trait', sentence] as const),
    ...offersInWords(profile, now).map((sentence) => ['Offer', sentence] as const),
    ...openAttention(profile).map(
      ({ reason, at }) => ['Needs a person', `${capital(attentionInWords(reason))}, since ${absolute(at)}`] as const,
    ),
    ['Promotion', restInWords(profile, setting)],
    ['Sending', laneInWords(dossier, now)],
  ]);
}

/** Why the customer is dissatisfied, and until when at the latest; undefined when content. */
export function dissatisfaction({ facts }: Living, { playbook, now }: Setting): string | undefined {
  const spans = dissatisfiedSpans(facts, playbook.stages);
  const until = dissatisfiedUntil(spans, now);
  if (until === undefined) return undefined;
  const reasons = new Set(spans.filter(({ from, to }) => from <= now && now < to).map(({ because }) => because));
  return `Dissatisfied: ${[...reasons].join('; ')}, until ${dateOf(until)} at the latest`;
}

function noted(terms: readonly (readonly [string, string | undefined])[]): readonly Noted[] {
  return terms.flatMap(([term, text]) => (text === undefined || text === '' ? [] : [{ term, text }]));
}

function choicesInWords({ facts }: Living): string | undefined {
  const { promotion, programmes, language, pace, tailored } = choicesOf(facts.choices);
  const chosen = [
    ...(promotion === undefined ? [] : [`promotional mail ${promotion.value} (${dateOf(promotion.at)})`]),
    ...Object.entries(programmes).map(([programme, { value, at }]) => `${programme} ${value} (${dateOf(at)})`),
    ...(language === undefined ? [] : [`language ${language}`]),
    ...(pace === 'less' ? ['less often'] : []),
    ...(tailored ? [] : ['not tailored']),
  ];
  return chosen.length === 0 ? undefined : `Chosen by the reader: ${chosen.join('; ')}`;
}

function answersInWords({ facts }: Living): string | undefined {
  const answers = answersOf(facts.answers).map(({ question, answer, at }) => `${question}: ${answer} (${dateOf(at)})`);
  return answers.length === 0 ? undefined : answers.join('; ');
}

function addressInWords({ profile, address }: LivingDossier, t: Instant): string | undefined {
  if (personOf(profile.facts.person).email === undefined) return 'No e-mail address is known';
  if (address === undefined) return undefined;
  const blocked = blockedAt(address, t);
  const { suppressed, restsUntil, optOut } = address;
  const programmes = Object.entries(optOut?.programmes ?? {});
  const said = [
    ...(blocked === undefined ? [] : [`nothing is sent: ${reasonInWords(blocked)}`]),
    ...(suppressed === undefined ? [] : [`suppressed since ${absolute(suppressed.at)}`]),
    ...(blocked === 'bouncing' && restsUntil !== undefined ? [`until ${absolute(restsUntil)}`] : []),
    ...(optOut?.all === undefined ? [] : [`a reader there unsubscribed on ${absolute(optOut.all)}`]),
    ...programmes.map(([programme, at]) => `a reader there wants no ${programme} (${dateOf(at)})`),
  ];
  return said.length === 0 ? undefined : capital(said.join('; '));
}

function holdoutInWords(customerId: string, { holdout }: Setting): string | undefined {
  if (holdout === undefined || holdout.share === 0) return undefined;
  return isHeldOut(customerId, holdout)
    ? 'Belongs to the holdout group: gets no promotional mail, so that its effect can be measured'
    : 'Not in the holdout group';
}

function ordersInWords({ facts }: Living): string {
  const history = historyOf(facts.orders);
  if (history === undefined) return 'None yet';
  const spend = Object.entries(spendOf(facts.orders)).map(([currency, minor]) => {
    const digits = digitsOf(currency);
    return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
  });
  const count = history.orders === 1 ? '1 order' : `${history.orders} orders`;
  return `${count}, ${spend.join(' and ')} after refunds, the last on ${dateOf(history.last)}`;
}

function restInWords(customer: Living, { playbook, now }: Setting): string | undefined {
  const until = pausedUntil(pausesOf(customer.facts, playbook.stages), now);
  return until === undefined
    ? undefined
    : `Rests until ${dateOf(until)} at the latest, because the customer is or was dissatisfied`;
}

function laneInWords({ lane }: LivingDossier, t: Instant): string | undefined {
  if (lane === undefined) return undefined;
  const paused = pausesInWords(lane);
  const said = [paused.length === 0 ? undefined : `Paused: ${paused.join('; ')}`, stopOfLane(lane, t)];
  return said.filter((each) => each !== undefined).join('. ');
}
