/** EventBridge's wire protocol: entries are checked one by one, and the answer says for each whether it was taken. */
import { z } from 'zod';
import type { Archives } from './archive.ts';
import type { BusEvent, EventRouter } from './bus.ts';
import { ServiceError } from './errors.ts';
import type { AccessRequest } from './iam.ts';
import type { Origin } from './origin.ts';

/** Limit of the service; an entry's size is that of its strings plus 14 bytes for a time. */
const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 256 * 1024;
const TIME_BYTES = 14;
const SECOND = 1000;

const entrySchema = z.object({
  Time: z
    .union([z.number().transform((seconds) => seconds * SECOND), z.string().transform((text) => Date.parse(text))])
    .optional(),
  Source: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
});
const putEventsSchema = z.object({ Entries: z.array(entrySchema).min(1) });
const listRulesSchema = z.object({ EventBusName: z.string().optional() });
const ruleNamed = listRulesSchema.extend({ Name: z.string() });
type Entry = z.infer<typeof entrySchema>;

export class EventBridge {
  readonly #router: EventRouter;
  readonly #archives: Archives;
  readonly #busArn: (name: string) => string;

  constructor(router: EventRouter, archives: Archives, busArn: (name: string) => string) {
    this.#router = router;
    this.#archives = archives;
    this.#busArn = busArn;
  }

  accessOf(operation: string, data: unknown): AccessRequest[] {
    if (operation !== 'PutEvents') return [{ action: `events:${operation}`, resource: '*' }];
    return parse(putEventsSchema, data).Entries.map((entry) => ({
      action: 'events:PutEvents',
      resource: this.#busArn(busOf(entry)),
      context: {
        ...(entry.Source !== undefined && { 'events:source': entry.Source }),
        ...(entry.DetailType !== undefined && { 'events:detail-type': entry.DetailType }),
      },
    }));
  }

  call(operation: string, data: unknown, now: number, origin: Origin): unknown {
    switch (operation) {
      case 'PutEvents':
        return this.#putEvents(parse(putEventsSchema, data).Entries, now, origin);
      case 'ListEventBuses':
        return { EventBuses: [...this.#router.buses].map(([Name, { arn }]) => ({ Name, Arn: arn })) };
      case 'ListRules': {
        const bus = parse(listRulesSchema, data).EventBusName ?? 'default';
        const rules = this.#router.rules.filter((rule) => rule.bus === bus);
        return { Rules: rules.map(({ name, arn }) => ({ Name: name, Arn: arn, EventBusName: bus, State: 'ENABLED' })) };
      }
      case 'DescribeRule': {
        const { Name, EventBusName: bus = 'default' } = parse(ruleNamed, data);
        const rule = this.#router.rules.find((each) => each.bus === bus && each.name === Name);
        if (rule === undefined)
          throw new ServiceError(400, 'ResourceNotFoundException', `Rule ${Name} does not exist on EventBus ${bus}.`);
        return { Name, Arn: rule.arn, EventBusName: bus, State: 'ENABLED' };
      }
      default:
        return this.#archives.call(operation, data, this.#router, origin);
    }
  }

  #putEvents(entries: readonly Entry[], now: number, origin: Origin) {
    if (entries.length > MAX_ENTRIES)
      throw new ServiceError(
        400,
        'ValidationException',
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ENTRIES}`,
      );
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_REQUEST_BYTES)
      throw new ServiceError(400, 'ValidationException', 'Total size of the entries in the request is over the limit.');
    const results = entries.map((entry) => {
      const event = this.#eventOf(entry, now);
      if ('ErrorCode' in event) return event;
      return { EventId: this.#router.put(busOf(entry), event, origin) };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  #eventOf(entry: Entry, now: number): BusEvent | { readonly ErrorCode: string; readonly ErrorMessage: string } {
    const bus = busOf(entry);
    if (!entry.Source) return invalid('Parameter Source is not valid. Reason: Source is a required argument.');
    if (!entry.DetailType)
      return invalid('Parameter DetailType is not valid. Reason: DetailType is a required argument.');
    if (!entry.Detail) return invalid('Parameter Detail is not valid. Reason: Detail is a required argument.');
    if (entry.Source.startsWith('aws.'))
      return {
        ErrorCode: 'NotAuthorizedForSourceException',
        ErrorMessage: `Not authorized for the source ${entry.Source}.`,
      };
    if (!this.#router.buses.has(bus))
      return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` };
    let detail: unknown;
    try {
      detail = JSON.parse(entry.Detail);
    } catch {
      detail = undefined;
    }
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
      return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const { Source: source, DetailType: detailType, Resources: resources = [], Time: time = now } = entry;
    return { source, detailType, detail, resources, time };
  }
}

function invalid(message: string) {
  return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
}

function busOf({ EventBusName = 'default' }: Entry): string {
  return EventBusName.split('/').at(-1) ?? EventBusName;
}

function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return bytes + (entry.Time === undefined ? 0 : TIME_BYTES);
}

function parse<T extends z.ZodType>(schema: T, data: unknown): z.infer<T> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw new ServiceError(400, 'ValidationException', z.prettifyError(read.error), read.error);
}
