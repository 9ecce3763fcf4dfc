/**
 * The mailbox as the pages look at it: found by id, counted by step, searched by address. It follows the twin's growing
 * list, so each mail is looked at once.
 */
import { type MessageKey, parseKey } from '../../../shared/lifecycle/customer/message-key.ts';
import type { AcceptedMail } from '../contract.ts';

/** What the tags of a mail say about it; empty for a mail that somebody else sent through the twin. */
export interface Label {
  readonly customer?: string;
  readonly key?: string;
  readonly parts?: MessageKey;
}

function decode(tag: string | undefined): string | undefined {
  return tag === undefined || tag === '' ? undefined : Buffer.from(tag, 'base64url').toString('utf8');
}

export function labelOf({ tags }: Pick<AcceptedMail, 'tags'>): Label {
  const customer = decode(tags['c']);
  const key = decode(tags['k']);
  const parts = key === undefined ? undefined : parseKey(key);
  return { ...(customer !== undefined && { customer }), ...(key !== undefined && { key }), ...(parts && { parts }) };
}

const WHOLE_ADDRESS = /^[^@\s]+@[^@\s]+\.[^@\s]+$/u;

/** A whole address finds just that address, a part finds every address that contains it; case does not matter. */
function isAddressedTo(mail: Pick<AcceptedMail, 'to'>, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  const whole = WHOLE_ADDRESS.test(wanted);
  return mail.to.some((to) => (whole ? to.toLowerCase() === wanted : to.toLowerCase().includes(wanted)));
}

export interface ProgrammeMails {
  readonly programme: string;
  readonly count: number;
  readonly steps: readonly { readonly step: string; readonly count: number }[];
}

/** Mails without a label are counted under this. */
const OTHER = 'other';

export class Postbox {
  readonly #mails: readonly AcceptedMail[];
  readonly #byId = new Map<string, AcceptedMail>();
  readonly #programmes = new Map<string, Map<string, number>>();
  #seen = 0;

  constructor(mailbox: readonly AcceptedMail[]) {
    this.#mails = mailbox;
  }

  get size(): number {
    return this.#mails.length;
  }

  find(id: string): AcceptedMail | undefined {
    this.#follow();
    return this.#byId.get(id);
  }

  /** @param to an address or a part of one; undefined or blank for everybody */
  newestFirst(to?: string): readonly AcceptedMail[] {
    const all = this.#mails.toReversed();
    return to === undefined || to.trim() === '' ? all : all.filter((mail) => isAddressedTo(mail, to));
  }

  /** Mails per programme and step, the most first. */
  perProgramme(): readonly ProgrammeMails[] {
    this.#follow();
    const all = [...this.#programmes].map(([programme, counts]): ProgrammeMails => {
      const steps = [...counts].map(([step, count]) => ({ step, count })).toSorted((a, b) => b.count - a.count);
      return { programme, steps, count: steps.reduce((sum, { count }) => sum + count, 0) };
    });
    return all.toSorted((a, b) => b.count - a.count);
  }

  #follow(): void {
    for (; this.#seen < this.#mails.length; this.#seen += 1) {
      const mail = this.#mails[this.#seen];
      if (mail === undefined) continue;
      this.#byId.set(mail.id, mail);
      const { programme = OTHER, step = OTHER } = labelOf(mail).parts ?? {};
      const counts = this.#programmes.get(programme) ?? new Map<string, number>();
      this.#programmes.set(programme, counts.set(step, (counts.get(step) ?? 0) + 1));
    }
  }
}
