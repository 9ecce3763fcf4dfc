/**
 * Signed links in our mails: who may say what, without an account. A link opens only as what it was signed as, and nothing
 * a stranger writes opens at all. Unsubscribing never expires, for an old mail must still let its reader go; choosing and
 * answering do.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { DAY, type Duration, type Instant } from '../lifecycle/time.ts';

/** The keys of the deployment: links are signed with the current one, and those signed before a rotation still open. */
export interface LinkKeys {
  readonly current: string;
  readonly previous?: string;
}

/** Which mail the link stands in. */
interface Origin {
  readonly customerId: string;
  readonly life: number;
  /** Key of the message. */
  readonly key: string;
  /** Keyed hash of the address the mail went to. */
  readonly address: string;
  /** When the mail was made; a link that leads on from its pages keeps this time. */
  readonly issuedAt: Instant;
}

export interface AnswerLink extends Origin {
  readonly kind: 'answer';
  readonly question: string;
  readonly answer: string;
}

export type Link = (Origin & { readonly kind: 'unsubscribe' | 'preferences' }) | AnswerLink;

/** The first part of a link's path, which also stands in its payload. */
export const LINK_PATH = { unsubscribe: 'u', preferences: 'p', answer: 'a' } as const satisfies Record<
  Link['kind'],
  string
>;

export const LINK_KINDS = ['unsubscribe', 'preferences', 'answer'] as const satisfies readonly Link['kind'][];

/** How long a link may choose and answer: by then whoever still reads mail of ours has a newer one. */
const CHOOSES_FOR: Duration = 90 * DAY;

/** Whether the link is good for nothing but unsubscribing any more. */
export function isAged({ issuedAt }: Link, t: Instant): boolean {
  return t >= issuedAt + CHOOSES_FOR;
}

/** Set before what is signed, so that a signature made with this key for anything else is no link. */
const PURPOSE = 'perennial link 1\n';

/** No identifier holds a line break; one that did would only make a link that never opens. */
const SEPARATOR = '\n';

/** The longest link we make has 600 characters. What is longer is not even hashed. */
const LONGEST_TOKEN = 1000;

const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/u;

function signatureOf(key: string, payload: string): string {
  return createHmac('sha256', key).update(PURPOSE).update(payload).digest('base64url');
}

/**
 * The token of a link: letters, digits, `_`, `-` and one dot, below 600 characters for the longest ids there are.
 *
 * @example signLink(keys, { kind: 'unsubscribe', customerId: 'c-1', life: 1, key: '1/win-back/ask/1', address, issuedAt })
 */
export function signLink(keys: LinkKeys, link: Link): string {
  const { kind, customerId, life, key, address, issuedAt } = link;
  const fields = [LINK_PATH[kind], customerId, String(life), key, address, String(issuedAt)];
  if (link.kind === 'answer') fields.push(link.question, link.answer);
  const payload = Buffer.from(fields.join(SEPARATOR)).toString('base64url');
  return `${payload}.${signatureOf(keys.current, payload)}`;
}

/**
 * Where a link leads.
 *
 * @param base the address of the `preferences` endpoint, ending with a slash
 */
export function linkUrl(base: string, keys: LinkKeys, link: Link): string {
  return `${base}${LINK_PATH[link.kind]}/${signLink(keys, link)}`;
}

/** What a token says if we signed it; undefined for everything else, whatever it is. */
export function openLink(keys: LinkKeys, token: string): Link | undefined {
  return openSigned(keys, token)?.link;
}

/**
 * What a token says, with the one key that signed it: links that lead on are signed with the same, so that nobody makes
 * links that outlive a rotation from one that a leaked key has signed.
 */
export function openSigned(
  keys: LinkKeys,
  token: string,
): { readonly link: Link; readonly keys: LinkKeys } | undefined {
  if (token.length > LONGEST_TOKEN) return undefined;
  const [, payload, signature] = TOKEN.exec(token) ?? [];
  if (payload === undefined || signature === undefined) return undefined;
  // An empty key would be one that everybody knows.
  const key = [keys.current, keys.previous ?? ''].find(
    (each) => each !== '' && isSame(signature, signatureOf(each, payload)),
  );
  const link = key === undefined ? undefined : linkFrom(Buffer.from(payload, 'base64url').toString().split(SEPARATOR));
  return key === undefined || link === undefined ? undefined : { link, keys: { current: key } };
}

/** Compares the text, not the bytes: several texts decode to the same bytes, and only one of them is the signature. */
function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function linkFrom(fields: readonly string[]): Link | undefined {
  const [path = '', customerId = '', life = '', key = '', address = '', issued = '', question = '', answer = ''] =
    fields;
  const origin = { customerId, life: Number(life), key, address, issuedAt: Number(issued) };
  const kind = LINK_KINDS.find((each) => LINK_PATH[each] === path);
  if (kind === 'answer') return fields.length === 8 ? { kind, ...origin, question, answer } : undefined;
  return kind !== undefined && fields.length === 6 ? { kind, ...origin } : undefined;
}
