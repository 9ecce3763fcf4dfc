/** A function's call as a person would name it: who asks which service for what, about which kind of item. */
import { z } from 'zod';
import type { FunctionCall } from '../../infra/local/faults.ts';
import { fromItem, type Item } from '../../shared/adapters/profile-item.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { TABLE } from '../../shared/contracts/table.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';

export interface NamedCall {
  /** Without the deployment's prefix: `record`, `send`, ... */
  readonly functionName: string;
  readonly service: string;
  /** As in `send PutItem MESSAGE`. */
  readonly name: string;
  /** The profile it would store. */
  readonly stores: Profile | undefined;
  /** The message it would hand to SES. */
  readonly mails: { readonly customerId: string; readonly key: string } | undefined;
  /** Ids of the attention it would ask a person for. */
  readonly calls: readonly string[];
}

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const named = z.object({
  Key: z.object({ [TABLE.sortKey]: text }).optional(),
  Item: z.object({ [TABLE.sortKey]: text }).optional(),
  IndexName: z.string().optional(),
  ExpressionAttributeValues: z.object({ ':prefix': text.optional() }).optional(),
  Entries: z.array(z.object({ DetailType: z.string(), Detail: z.string() })).optional(),
});
const attention = z.object({ data: z.object({ attentionId: z.string() }) });
/** On the wire bytes are base64. */
const onTheWire = z.record(
  z.string(),
  z
    .object({ B: z.base64() })
    .transform(({ B }) => ({ B: Buffer.from(B, 'base64') }))
    .or(z.custom<Item[string]>()),
);
const put = z.object({ Item: onTheWire });

const READING = /^(?:Get|Query|Scan|Describe|List|BatchGet)/u;

/** Whether a call of this name changes nothing. */
export function isReading(name: string): boolean {
  return READING.test(name.split(' ')[1] ?? '');
}

export function nameCall({ functionName, service, operation, body }: FunctionCall): NamedCall {
  const who = functionName.split('-').at(-1) ?? functionName;
  const call = { functionName: who, service, stores: undefined, mails: undefined, calls: [] };
  if (service === 'ses') {
    const mails = operation === 'SendRawEmail' ? mailOf(new URLSearchParams(body)) : undefined;
    return { ...call, name: `${who} ${operation}`, mails };
  }
  const request: unknown = JSON.parse(body);
  const { Key, Item: item, IndexName, ExpressionAttributeValues, Entries } = named.parse(request);
  const sortKey = Key?.[TABLE.sortKey] ?? item?.[TABLE.sortKey] ?? ExpressionAttributeValues?.[':prefix'];
  const kinds = sortKey?.split('#')[0] ?? IndexName ?? [...new Set(Entries?.map((each) => each.DetailType))].join(', ');
  const stores = operation === 'PutItem' && sortKey === 'PROFILE' ? fromItem(put.parse(request).Item) : undefined;
  const calls = (Entries ?? [])
    .filter(({ DetailType }) => DetailType === ANNOUNCED.attentionNeeded)
    .map(({ Detail }) => attention.parse(JSON.parse(Detail)).data.attentionId);
  return { ...call, name: [who, operation, kinds].filter((part) => part !== '').join(' '), stores, calls };
}

function mailOf(form: URLSearchParams): NamedCall['mails'] {
  const tags = new Map<string, string>();
  for (const [field, tag] of form) {
    const index = /^Tags\.member\.(\d+)\.Name$/u.exec(field)?.[1];
    const value = index === undefined ? undefined : form.get(`Tags.member.${index}.Value`);
    if (typeof value === 'string') tags.set(tag, Buffer.from(value, 'base64url').toString());
  }
  const [customerId, key] = [tags.get('c'), tags.get('k')];
  // A mail to the simulator, to see whether SES takes any, is nobody's.
  return customerId === undefined || key === undefined ? undefined : { customerId, key };
}
