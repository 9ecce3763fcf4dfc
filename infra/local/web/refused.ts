/**
 * Dead letters as something to act on: which event, which field, what was expected. Two shapes arrive: events that were
 * refused, announced with their reason, and messages that failed as often as their queue allows.
 */
import { z } from 'zod';
import { ANNOUNCED, OWN_SOURCE } from '../../../shared/contracts/bus.ts';
import type { DeadLetter, LogLine } from '../contract.ts';

export interface RefusedView {
  readonly queue: string;
  readonly messageId: string;
  readonly at: number;
  readonly receives: number;
  readonly kind: 'refused' | 'failed';
  /** The detail-type, as far as one can be read. */
  readonly title: string;
  readonly customerId?: string;
  readonly field?: string;
  /** What was expected of the field, or what went wrong. */
  readonly reason: string;
  /** Pretty JSON where it is JSON, and the text as it came where it is not. */
  readonly original: string;
}

const refusedEvent = z.object({
  source: z.literal(OWN_SOURCE),
  'detail-type': z.literal(ANNOUNCED.eventRefused),
  detail: z.object({ data: z.object({ field: z.string(), expected: z.string(), original: z.string() }) }),
});
const anyEvent = z.object({ 'detail-type': z.string(), detail: z.unknown() });
const naming = z.object({ data: z.object({ customerId: z.string() }) });
const faultLine = z.object({
  level: z.literal('ERROR'),
  about: z.string(),
  error: z.object({ name: z.string().default('Error'), message: z.string() }),
});

const UNTITLED = 'Not an event';

/** @param logs lines of the functions, which may still hold the fault a message died of */
export function refusedView(letter: DeadLetter, logs: readonly LogLine[]): RefusedView {
  const { queue, messageId, at, receives, body } = letter;
  const head = { queue, messageId, at, receives };
  const parsed = jsonOf(body);
  const refused = refusedEvent.safeParse(parsed);
  if (refused.success) {
    const { field, expected, original } = refused.data.detail.data;
    return {
      ...head,
      kind: 'refused',
      ...namesOf(jsonOf(original)),
      field,
      reason: expected,
      original: pretty(original),
    };
  }
  const names = namesOf(parsed);
  const fault = faultOf(logs, [messageId, ...(names.customerId === undefined ? [] : [names.customerId])]);
  const reason = `delivered ${receives} times and failed each time${fault === undefined ? '' : `; last: ${fault}`}`;
  return { ...head, kind: 'failed', ...names, reason, original: pretty(body) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Text that is no JSON, also because it was cut off, is shown as text.
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function pretty(text: string): string {
  const parsed = jsonOf(text);
  return parsed === undefined ? text : JSON.stringify(parsed, undefined, 2);
}

function namesOf(event: unknown): Pick<RefusedView, 'title' | 'customerId'> {
  const known = anyEvent.safeParse(event);
  if (!known.success) return { title: UNTITLED };
  const named = naming.safeParse(known.data.detail);
  return {
    title: known.data['detail-type'],
    ...(named.success && { customerId: named.data.data.customerId }),
  };
}

/** The latest fault logged about a message or its customer. */
function faultOf(logs: readonly LogLine[], about: readonly string[]): string | undefined {
  for (const { text } of logs.toReversed()) {
    const line = text.startsWith('{') ? faultLine.safeParse(jsonOf(text)) : undefined;
    if (line?.success === true && about.includes(line.data.about)) {
      return `${line.data.error.name}: ${line.data.error.message}`;
    }
  }
  return undefined;
}
