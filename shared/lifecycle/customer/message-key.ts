/**
 * The key of a message: `life/programme/step/episode`. SES accepts a key at most once (I4), so whatever makes two
 * messages the same message has to be in it, and nothing else.
 */
import { findStep, type Placed, type Playbook } from '../playbook.ts';

export interface MessageKey {
  /** 1 until an erased customer registers anew. */
  readonly life: number;
  readonly programme: string;
  readonly step: string;
  /** Which time this step comes round in its episode; only steps that repeat have one above 0. */
  readonly round: number;
  /** The episode's number, or the complaint id. */
  readonly episode: string;
}

export function formatKey({ life, programme, step, round, episode }: MessageKey): string {
  return `${life}/${programme}/${step}${round > 0 ? `.${round}` : ''}/${episode}`;
}

/** The parts of a key; undefined for text that is no key. */
export function parseKey(key: string): MessageKey | undefined {
  // The episode comes last, so a complaint id may hold slashes and still needs no escaping, which would make it longer
  // than the 256 characters of an SES tag.
  const match = /^(\d+)\/([a-z0-9-]+)\/([a-z0-9-]+)(?:\.(\d+))?\/(.+)$/su.exec(key);
  if (match === null) return undefined;
  const [, life = '', programme = '', step = '', round = '0', episode = ''] = match;
  return { life: Number(life), programme, step, round: Number(round), episode };
}

/** The step a key is about, where the playbook has it; undefined for one that left it, and for text that is no key. */
export function placedOf(key: string, playbook: Playbook): Placed | undefined {
  const parts = parseKey(key);
  return parts && findStep(playbook, parts.programme, parts.step);
}

/** The key without life and episode: what a person would call the same mail. */
export function sameStep(a: string, b: string): boolean {
  return stepPart(a) === stepPart(b);
}

function stepPart(key: string): string {
  return key.split('/').slice(1, 3).join('/');
}
