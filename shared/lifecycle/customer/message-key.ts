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
  /** Which time this step comes round in its episode; only steps that repeat, or make up for one, have one above 0. */
  readonly round: number;
  /** The episode's number, or the id of the case. */
  readonly episode: string;
}

export function formatKey({ life, programme, step, round, episode }: MessageKey): string {
  return `${life}/${programme}/${step}${round > 0 ? `.${round}` : ''}/${episode}`;
}

/** The keys of one customer are asked about again and again within one reaction. */
const parsed = new Map<string, MessageKey>();
const PARSED_KEPT = 1000;

/** The parts of a key; undefined for text that is no key. */
export function parseKey(key: string): MessageKey | undefined {
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const parts = partsOf(key);
  if (parsed.size >= PARSED_KEPT) parsed.clear();
  if (parts !== undefined) parsed.set(key, parts);
  return parts;
}

function partsOf(key: string): MessageKey | undefined {
  // The episode comes last, so the id of a case may hold slashes and still needs no escaping, which would make it longer
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

/** Whether a message is promotional; a step that left the playbook is counted on the careful side. */
export function isPromotional(key: string, playbook: Playbook): boolean {
  return placedOf(key, playbook)?.step.class !== 'service';
}

/**
 * Whether two keys are what a person would call the same mail: those of one step, whatever life and episode; but not
 * the rounds of a step that repeats, within one episode.
 */
export function sameStep(a: string, b: string): boolean {
  const [one, other] = [parseKey(a), parseKey(b)];
  if (one === undefined || other === undefined) return a === b;
  if (one.programme !== other.programme || one.step !== other.step) return false;
  const bothRepeat = one.round > 0 && other.round > 0;
  return !(bothRepeat && one.episode === other.episode && one.round !== other.round);
}
