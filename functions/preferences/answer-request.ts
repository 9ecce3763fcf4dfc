/**
 * What our pages answer. Opening a page changes nothing, for scanners open every link of a mail; only a press of a
 * button, or the one-click request of a mail client, does. A link that is not ours learns nothing.
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { DIMENSION, METRIC } from '../../shared/contracts/metrics.ts';
import { type AnswerLink, type Link, type LinkKeys, openLink } from '../../shared/email/links.ts';
import { FALLBACK_LOCALE } from '../../shared/email/locale.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { localeOf } from '../../shared/lifecycle/facts/choices.ts';
import { answerQuestion } from './answer-question.ts';
import { ACT, centrePage } from './centre-page.ts';
import { choicesAt, choicesFrom, saveChoices, WAS } from './choices.ts';
import { type Answer, documents, type Page } from './document.ts';
import { languageOf } from './language.ts';
import { notice } from './notice.ts';
import { ANSWER_FIELD, questionPage } from './question-page.ts';
import { customerOf, hasOpenCase } from './reader.ts';
import { languagesOf, type PageRequest, requestFrom } from './request.ts';
import type { PageServices } from './services.ts';
import { unsubscribe } from './unsubscribe.ts';
import { afterUnsubscribing, beforeUnsubscribing, BY_BUTTON } from './unsubscribe-page.ts';

/** A request with a link of ours. */
interface Visit<L extends Link = Link> {
  readonly request: PageRequest;
  readonly link: L;
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
    const request = requestFrom(event);
    if (request === 'method') {
      const answer = say(request);
      return { ...answer, headers: { ...answer.headers, allow: 'GET, HEAD, POST' } };
    }
    if (request === 'size') return say(request);
    try {
      const visit = request === 'path' ? undefined : await visitOf(services, request);
      if (visit === undefined) {
        meter.count(METRIC.linksRefused);
        return say('refused');
      }
      const page = await pageFor(services, visit, logger);
      const answer = page === 'gone' || page === 'malformed' ? say(page) : respond(page);
      return visit.request.bodyless ? { ...answer, body: '' } : answer;
    } catch (cause) {
      logger.error('a page failed', { error: cause instanceof Error ? cause : new Error(String(cause)) });
      return say('failed');
    }
  };
}

async function visitOf(services: PageServices, request: PageRequest): Promise<Visit | undefined> {
  const { store, texts, linkKeys } = services;
  const known = await linkKeys(false);
  // Right after a rotation `send` may sign with a key that is not known here yet.
  const keys = openLink(known, request.token) === undefined ? await linkKeys(true) : known;
  const link = openLink(keys, request.token);
  if (link?.kind !== request.kind) return undefined;
  const customer = await customerOf(store, link);
  const own = customer && localeOf(customer.facts);
  return { request, link, keys, customer, locale: languageOf(own, request.languages, Object.keys(texts)) };
}

function pageFor(services: PageServices, visit: Visit, logger: Logger): Promise<Page | 'gone' | 'malformed'> {
  const { link, request } = visit;
  const { kind, customerId, key } = link;
  if (request.method === 'POST') {
    services.meter.count(METRIC.readerActs, 1, { [DIMENSION.act]: kind });
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
  const { shop, texts } = services;
  const { request, link, keys, customer, locale } = visit;
  const openCase = hasOpenCase(customer, link.key);
  const own = texts[locale] ?? texts[FALLBACK_LOCALE];
  const page = { link, keys, locale, texts: own, shop, openCase, known: customer !== undefined };
  if (request.method === 'GET') return beforeUnsubscribing(page);
  const how = request.form.get(BY_BUTTON.name) === BY_BUTTON.value ? 'page' : 'one-click';
  await unsubscribe(services, link, customer, how);
  return afterUnsubscribing(page);
}

async function toPreferences(services: PageServices, visit: Visit): Promise<Page | 'malformed'> {
  const { addresses, playbook, shop, texts, now } = services;
  const { request, link, customer, locale } = visit;
  // Nothing is left to choose, but the mail can still be stopped by its address.
  if (customer === undefined) return toUnsubscribe(services, { ...visit, request: { ...request, method: 'GET' } });
  const reader = { customer, address: await addresses.read(link.address) };
  const known = choicesAt(reader, playbook, locale, now());
  const page = { choices: known, playbook, texts, shop };
  if (request.method === 'GET') return centrePage(page);
  const { form } = request;
  const act = form.get(ACT.name);
  if (act !== ACT.save && act !== ACT.stop) return 'malformed';
  const shown = choicesFrom(form, WAS, known, services);
  if (act === ACT.save) {
    const choices = choicesFrom(form, '', known, services);
    const changed = await saveChoices(services, link, reader, choices, shown);
    return centrePage({ ...page, choices, outcome: changed ? 'saved' : 'unchanged' });
  }
  const choices = { ...shown, programmes: new Set<string>() };
  if (shown.programmes.size > 0) await saveChoices(services, link, reader, choices, shown);
  else await unsubscribe(services, link, customer, 'page');
  return centrePage({ ...page, choices, outcome: 'stopped' });
}

async function toQuestion(services: PageServices, visit: Visit<AnswerLink>): Promise<Page | 'gone' | 'malformed'> {
  const { questions, shop, texts } = services;
  const { request, link, customer, locale } = visit;
  const question = Object.hasOwn(questions, link.question) ? questions[link.question] : undefined;
  if (customer === undefined || question === undefined) return 'gone';
  const answer = request.form.get(ANSWER_FIELD) ?? link.answer;
  const answered = request.method === 'POST';
  if (answered) {
    if (!Object.hasOwn(question.answers, answer)) return 'malformed';
    await answerQuestion(services, link, customer, answer);
  }
  return questionPage({ question, answer, answered, locale, texts: texts[locale] ?? texts[FALLBACK_LOCALE], shop });
}
