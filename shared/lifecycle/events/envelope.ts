/** The shapes in which an event is written down: as it stands on the bus, and as an entry of PutEvents. */
import * as z from 'zod/mini';
import type { Envelope } from './parse-event.ts';

const busEvent = z.object({ 'detail-type': z.string(), detail: z.unknown(), source: z.optional(z.unknown()) });
const putEventsEntry = z.object({ DetailType: z.string(), Detail: z.unknown(), Source: z.optional(z.unknown()) });
/** Of a source that is no text. */
const SOURCE = 'expected the name of the part of the shop that speaks, or no such field';
const putEventsInput = z.object({ Entries: z.array(z.unknown()) });

/** What is wrong with something that should be an event, before its detail is looked at. */
export interface Misshapen {
  readonly detailType: string | undefined;
  readonly field: string;
  readonly expected: string;
}

/** The events of a JSON document: one, a list, or the input of `aws events put-events`. */
export function eventsIn(content: unknown): readonly unknown[] {
  const input = putEventsInput.safeParse(content);
  if (input.success) return input.data.Entries;
  return Array.isArray(content) ? content : [content];
}

/** @returns the event, its source `''` when it names none, or what was expected instead */
export function envelopeOf(event: unknown): Envelope | Misshapen {
  const onBus = busEvent.safeParse(event);
  if (onBus.success) {
    const { source = '', 'detail-type': detailType, detail } = onBus.data;
    return typeof source === 'string'
      ? { source, detailType, detail }
      : { detailType, field: 'source', expected: SOURCE };
  }
  const entry = putEventsEntry.safeParse(event);
  if (!entry.success) {
    const expected = 'expected an object with detail-type and detail, or with DetailType and Detail';
    return { detailType: undefined, field: 'event', expected };
  }
  const { Source: source = '', DetailType: detailType, Detail } = entry.data;
  if (typeof source !== 'string') return { detailType, field: 'Source', expected: SOURCE };
  if (typeof Detail !== 'string') return { source, detailType, detail: Detail };
  try {
    const detail: unknown = JSON.parse(Detail);
    return { source, detailType, detail };
  } catch {
    return { detailType, field: 'Detail', expected: 'expected the detail as JSON text' };
  }
}
