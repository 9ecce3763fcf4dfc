/**
 * What our pages answer. Opening a page changes nothing, for scanners open every link of a mail; only a press of a
 * button, or the one-click request of a mail client, does. A link that is not ours learns nothing.
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { NOTE } from '../../shared/contracts/notes.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { type AnswerLink, isAged, type Link, type LinkKeys, openSigned } from '../../shared/email/links.ts';
import { FALLBACK_LOCALE } from '../../shared/email/locale.ts';
import { placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { localeOf } from '../../shared/lifecycle/facts/choices.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { loggable } from '../loggable.ts';
import { answerQuestion } from './answer-question.ts';
import { ACT, centrePage } from './centre-page.ts';
import { choicesAt, choicesFrom, lessOf, saveChoices, WAS } from './choices.ts';
import { type Answer, documents, type Page } from './document.ts';
import { languageOf } from './language.ts';
import { notice } from './notice.ts';
import { ANSWER_FIELD, questionPage } from './question-page.ts';
import { customerOf, hasOpenCase } from './reader.ts';
import { fileAt, languagesOf, type PageRequest, requestFrom } from './request.ts';
import type { PageServices } from './services.ts';
import { unsubscribe } from './unsubscribe.ts';
import { afterUnsubscribing, beforeUnsubscribing, BY_BUTTON } from './unsubscribe-page.ts';

/** A request with a link of ours. */
interface Visit<L extends Link = Link> {
  readonly request: PageRequest;
  readonly link: L;
  /** The key that signed the link, and so what it leads to. */
  readonly keys: LinkKeys;
  /** Undefined when we no longer hold anything of that life. */
  readonly customer: Living | undefined;
  readonly locale: string;
}

/** Answers the requests of the function's URL. */
export function openPages(services: PageServices, logger: Logger): (event: LambdaFunctionURLEvent) => Promise<Answer> {
  const { shop, texts, meter } = services;
  const respond = documents(shop);
  return async (event) => {
    const locale = languageOf(undefined, languagesOf(event), Object.keys(texts));
    const say = (kind: Parameters<typeof notice>[0]) =>
      respond(notice(kind, texts[locale] ?? texts[FALLBACK_LOCALE], locale, shop));
    const file = fileAt(event);
    if (file !== undefined) return file;
    const request = requestFrom(event);
    if (request === 'method') {
      const answer = say(request);
      return { ...answer, headers: { ...answer.headers, allow: 'GET, HEAD, POST' } };
    }
    if (request === 'size') return say(request);
    try {
      if (request === 'path') return say('refused');
      const visit = await visitOf(services, request);
      if (visit === undefined) {
        meter.note(NOTE.linkRefused);
        return say('refused');
      }
      const page = await pageFor(services, visit, logger);
      const answer = typeof page === 'string' ? say(page) : respond(page);
      return visit.request.bodyless ? { ...answer, body: '' } : answer;
    } catch (cause) {
      logger.error('a page failed', { error: loggable(cause) });
      return say('failed');
    }
  };
}

async function visitOf(services: PageServices, request: PageRequest): Promise<Visit | undefined> {
  const { store, texts, linkKeys } = services;
  const known = await linkKeys(false);
  // Right after a rotation `send` may sign with a key that is not known here yet.
  const opened = openSigned(known, request.token) ?? openSigned(await linkKeys(true), request.token);
  if (opened?.link.kind !== request.kind) return undefined;
  const { link, keys } = opened;
  const customer = await customerOf(store, link);
  const own = customer && localeOf(customer.facts);
  return { request, link, keys, customer, locale: languageOf(own, request.languages, Object.keys(texts)) };
}

/** Why there is nothing to do by a link of ours. */
type Nothing = 'gone' | 'late' | 'malformed';

function pageFor(services: PageServices, visit: Visit, logger: Logger): Promise<Page | Nothing> {
  const { link, request } = visit;
  const { kind, customerId, key } = link;
  if (request.method === 'POST') {
    logger.info('a reader sent a page', { customerId, key, act: kind });
  }
  switch (link.kind) {
    case 'unsubscribe':
      return toUnsubscribe(services, visit);
    case 'preferences':
      return toPreferences(services, visit);
    case 'answer':
      return toQuestion(services, { ...visit, link });
    default:
      return link satisfies never;
  }
}

/**
 * Any body will do: a mail client that sends another one than RFC 8058 asks for was still told to unsubscribe, and only
 * a person or their mail client sends POST.
 */
async function toUnsubscribe(services: PageServices, visit: Visit): Promise<Page> {
  const { playbook, shop, texts, now } = services;
  const { request, link, keys, customer, locale } = visit;
  const openCase = hasOpenCase(customer, link.key, playbook, now());
  const own = texts[locale] ?? texts[FALLBACK_LOCALE];
  const aged = isAged(link, now());
  const page = { link, keys, locale, texts: own, shop, openCase, known: customer !== undefined, aged };
  if (request.method === 'GET') return beforeUnsubscribing(page);
  const how = link.kind === 'unsubscribe' && !isByButton(request) ? 'one-click' : 'page';
  await unsubscribe(services, link, customer, how);
  return afterUnsubscribing(page);
}

const isByButton = ({ form }: PageRequest): boolean => form.get(BY_BUTTON.name) === BY_BUTTON.value;

/**
 * The centre's link once there is nothing left to choose by it: the mail can still be stopped, by the button of this page
 * or that of a centre that was left open. Not by any other body, for this is no address of a mail client's.
 */
function toStopping(services: PageServices, visit: Visit): Promise<Page> {
  const { request } = visit;
  const stops = isByButton(request) || request.form.get(ACT.name) === ACT.stop;
  return toUnsubscribe(services, { ...visit, request: { ...request, method: stops ? request.method : 'GET' } });
}

/** Whether the link was made for the address the person has now. */
async function isForPresentAddress({ addressKey }: PageServices, link: Link, { facts }: Living): Promise<boolean> {
  const { email } = personOf(facts.person);
  return email !== undefined && addressHash(await addressKey(), email) === link.address;
}

async function toPreferences(services: PageServices, visit: Visit): Promise<Page | 'malformed'> {
  const { addresses, playbook, shop, texts, now } = services;
  const { request, link, customer, locale } = visit;
  if (customer === undefined || isAged(link, now())) return toStopping(services, visit);
  const reader = { customer, address: await addresses.read(link.address) };
  const known = choicesAt(reader, playbook, locale, now());
  const elsewhere = !(await isForPresentAddress(services, link, customer));
  const page = { choices: known, playbook, texts, shop, elsewhere };
  if (request.method === 'GET') return centrePage(page);
  const { form } = request;
  const act = form.get(ACT.name);
  if (act !== ACT.save && act !== ACT.stop) return 'malformed';
  const shown = choicesFrom(form, WAS, known, services);
  if (act === ACT.save) {
    const wanted = choicesFrom(form, '', known, services);
    const choices = elsewhere ? lessOf(wanted, shown) : wanted;
    const changed = await saveChoices(services, link, reader, choices, shown);
    return centrePage({ ...page, choices, outcome: changed ? 'saved' : 'unchanged' });
  }
  const choices = { ...shown, programmes: new Set<string>() };
  if (shown.programmes.size > 0) await saveChoices(services, link, reader, choices, shown);
  else await unsubscribe(services, link, customer, 'page');
  return centrePage({ ...page, choices, outcome: 'stopped' });
}

async function toQuestion(services: PageServices, visit: Visit<AnswerLink>): Promise<Page | Nothing> {
  const { questions, playbook, shop, texts, now } = services;
  const { request, link, customer, locale } = visit;
  const question = Object.hasOwn(questions, link.question) ? questions[link.question] : undefined;
  const asks = placedOf(link.key, playbook)?.step.asks;
  if (customer === undefined || question === undefined || asks?.question !== link.question) return 'gone';
  if (isAged(link, now())) return 'late';
  const answer = request.form.get(ANSWER_FIELD) ?? link.answer;
  const answered = request.method === 'POST';
  if (answered) {
    if (!asks.answers.includes(answer) || !Object.hasOwn(question.answers, answer)) return 'malformed';
    await answerQuestion(services, link, customer, answer);
  }
  return questionPage({
    question,
    offered: asks.answers,
    answer,
    answered,
    locale,
    texts: texts[locale] ?? texts[FALLBACK_LOCALE],
    shop,
  });
}
