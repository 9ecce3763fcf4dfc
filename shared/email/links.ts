/**
 * Signed links in our mails: who may say what, without an account. A link opens only as what it was signed as, it never
 * expires (an old mail must still let its reader go), and nothing a stranger writes opens at all.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

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
 * @example signLink(keys, { kind: 'unsubscribe', customerId: 'c-1', life: 1, key: '1/win-back/ask/1', address })
 */
export function signLink(keys: LinkKeys, link: Link): string {
  const { kind, customerId, life, key, address } = link;
  const fields = [LINK_PATH[kind], customerId, String(life), key, address];
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
  if (token.length > LONGEST_TOKEN) return undefined;
  const [, payload, signature] = TOKEN.exec(token) ?? [];
  if (payload === undefined || signature === undefined) return undefined;
  // An empty key would be one that everybody knows.
  const signed = [keys.current, keys.previous ?? ''].some(
    (key) => key !== '' && isSame(signature, signatureOf(key, payload)),
  );
  return signed ? linkFrom(Buffer.from(payload, 'base64url').toString().split(SEPARATOR)) : undefined;
}

/** Compares the text, not the bytes: several texts decode to the same bytes, and only one of them is the signature. */
function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function linkFrom(fields: readonly string[]): Link | undefined {
  const [path = '', customerId = '', life = '', key = '', address = '', question = '', answer = ''] = fields;
  const origin = { customerId, life: Number(life), key, address };
  const kind = LINK_KINDS.find((each) => LINK_PATH[each] === path);
  if (kind === 'answer') return fields.length === 7 ? { kind, ...origin, question, answer } : undefined;
  return kind !== undefined && fields.length === 5 ? { kind, ...origin } : undefined;
}
