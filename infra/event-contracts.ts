/**
 * The contracts other people build on, in forms they can use without reading our code: a JSON Schema and an example for
 * each event type a shop emits, and the JSON Schema of the playbook. Pure; `generate.ts` writes the files.
 */
import { z } from 'zod';
import type { EventType } from '../shared/lifecycle/events/definition.ts';
import { EVENT_TYPES } from '../shared/lifecycle/events/event-types.ts';
import { detailSchema } from '../shared/lifecycle/events/parse-event.ts';
import { playbookSchema } from '../shared/lifecycle/playbook/parse-playbook.ts';

/** The bus of the examples; a deployment may name its own. */
const EXAMPLE_BUS = 'customers';
const EXAMPLE_SOURCE = 'shop.example';
/** A little later than the consent of the example of a registration. */
const EXAMPLE_OCCURRED_AT = '2026-11-01T08:12:30Z';

/** "Purchase Completed" → `purchase-completed`. */
export function kebab(type: string): string {
  return type.toLowerCase().replaceAll(' ', '-');
}

/** A complete, valid `detail`. */
export function exampleDetail(event: EventType) {
  return {
    metadata: { id: `example-${kebab(event.type)}`, version: 1, occurredAt: EXAMPLE_OCCURRED_AT },
    data: event.example,
  };
}

/** The JSON Schema 2020-12 of the whole `detail` of an event type. Fields nobody knows are allowed. */
export function eventSchema(event: EventType): z.core.JSONSchema.JSONSchema {
  const { $schema, ...schema } = z.toJSONSchema(detailSchema(event.schema), { io: 'input', target: 'draft-2020-12' });
  return {
    ...($schema !== undefined && { $schema }),
    title: event.type,
    description: event.summary,
    ...schema,
    examples: [exampleDetail(event)],
  };
}

/** The JSON Schema 2020-12 of a playbook as marketers write it. */
export function playbookJsonSchema(): z.core.JSONSchema.JSONSchema {
  const { $schema, ...schema } = z.toJSONSchema(playbookSchema, { io: 'input', target: 'draft-2020-12' });
  return {
    ...($schema !== undefined && { $schema }),
    title: 'Playbook',
    description: 'Stages, programmes, steps, caps and hours. Unknown fields are mistakes.',
    ...schema,
  };
}

/** What the index says of one field. */
interface Field {
  /** Path below `detail`; list elements as `items[].sku`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly meaning: string;
}

type Node = z.core.JSONSchema.JSONSchema;

function isNode(value: Node | boolean | (Node | boolean)[] | undefined): value is Node {
  return typeof value === 'object' && !Array.isArray(value);
}

function typeOf({ enum: choices, const: only, type, format }: Node): string {
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (type === 'array') return 'list';
  return format === undefined ? String(type) : `${String(type)} (${format})`;
}

/** Every field of a schema, parents before their children. */
function fieldsOf(schema: Node, parent = ''): readonly Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, node]) => {
    if (!isNode(node)) return [];
    const path = parent === '' ? name : `${parent}.${name}`;
    const required = schema.required?.includes(name) ?? false;
    const field = { path, type: typeOf(node), required, meaning: node.description ?? '' };
    return [field, ...(isNode(node.items) ? fieldsOf(node.items, `${path}[]`) : fieldsOf(node, path))];
  });
}

/** One entry of `aws events put-events`, on one line. */
function putEventsEntry(event: EventType): string {
  return JSON.stringify([
    {
      EventBusName: EXAMPLE_BUS,
      Source: event.source ?? EXAMPLE_SOURCE,
      DetailType: event.type,
      Detail: JSON.stringify(exampleDetail(event)),
    },
  ]);
}

/** Text as one word of a POSIX shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fieldRow({ path, type, required, meaning }: Field): string {
  return `| \`${path}\` | ${type} | ${required ? 'yes' : ''} | ${meaning.replaceAll('|', String.raw`\|`)} |`;
}

/** The table of one property of a `detail`. */
function fieldTable(detail: Node, property: string): string {
  const node = detail.properties?.[property];
  const rows = isNode(node) ? fieldsOf(node, property).map(fieldRow) : [];
  return ['| field | type | required | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function section(event: EventType): string {
  return `## ${event.type}

${event.summary}

JSON Schema of the whole \`detail\`: [${kebab(event.type)}.schema.json](${kebab(event.type)}.schema.json)

${fieldTable(eventSchema(event), 'data')}

\`\`\`sh
aws events put-events --entries ${shellQuoted(putEventsEntry(event))}
\`\`\`
`;
}

/** The index of all event types, in Markdown. */
export function eventIndex(): string {
  const anyDetail = z.toJSONSchema(detailSchema(z.object({ customerId: z.string() })), { io: 'input' });
  return `# Events

<!-- Written by \`npm run generate\` from shared/lifecycle/events; a test fails when it is not current. -->

What a shop puts on the bus. Each event has one of the detail-types below and this \`detail\`:

\`\`\`json
{ "metadata": { "id": "...", "version": 1, "occurredAt": "..." }, "data": { "customerId": "...", "...": "..." } }
\`\`\`

- The source is yours to choose; \`perennial\` is ours and is not taken in, \`aws.\` is refused by AWS.
- \`Preferences Changed\`, \`Question Answered\`, \`Address Suppressed\` and \`Mail Clicked\` also come from us, with the
  sources \`perennial.reader\` (the pages our mail links to) and \`perennial.feedback\` (what SES reports); so do
  \`Referral Made\` (\`perennial.record\`, when a person registers with a referral) and \`Account Ranked\`
  (\`perennial.census\`, at night). Listen to them, or emit them yourself, say from an account page. What you emit concerns
  the customer; an address itself is suppressed only by our own pages and by SES's reports.
- \`Campaign Addressed\` is ours alone (source \`perennial.campaign\`): a campaign is started with \`npm run campaign\` or on
  the page of the local twin, and addresses everybody in its audience with one such event. See [Campaigns](#campaigns).
- \`Product Viewed\` and \`Content Downloaded\` are browsing: send them for customers you have identified. Without a
  \`customerId\` they are counted and ignored. They are cheap and not kept in the journal: the newest 60 of a customer
  count, for 90 days after the last.
- Fields we do not know are accepted and ignored. So is a detail-type we do not know, which is counted.
- What is refused is announced as \`Event Refused\` with the field and what was expected, and kept in a dead-letter
  queue. The schemas cannot say everything that is checked: an id is 128 bytes of UTF-8 at the most, without control
  characters, and never an e-mail address; a currency has to exist; no time lies in the future; promotion is turned "on"
  with an explicit consent only.
- \`npm run check-event FILE\` says of the events in a file whether they would be taken in.
- Against the local twin, add \`--endpoint-url http://127.0.0.1:4580\` to the commands below.
- In TypeScript, \`shared/events.ts\` has the types.

| detail-type | when |
| --- | --- |
${EVENT_TYPES.map(({ type, summary }) => `| [${type}](#${kebab(type)}) | ${summary} |`).join('\n')}

## metadata

Every event has it. Here and below, a field inside another is required where the outer one is given.

${fieldTable(anyDetail, 'metadata')}

${EVENT_TYPES.map((event) => section(event)).join('\n')}
## Campaigns

A campaign is a one-off mail to a group. Its steps are those of the series with the trigger \`campaign\` in the playbook.
Everybody in its audience is addressed with a [Campaign Addressed](#campaign-addressed), whose id is made of the campaign
and the customer: saying it again changes nothing, so a campaign that was interrupted is simply continued. The mail is meant
for \`at\` and obeys what all promotional mail obeys: consent, caps, quiet hours, holdout, complaints. The audience is asked
about once more when it goes: whoever has left it by then gets nothing, and the ledger says so.

## What we announce

Our own events have the source \`perennial\`, the same \`metadata\`, and ids that are the same when something is said again.
A rule for the helpdesk: \`{ "source": ["perennial"], "detail-type": ["Attention Needed"] }\`.

| detail-type | data | what for |
| --- | --- | --- |
| Lifecycle Stage Changed | \`customerId\`, \`from\`, \`to\`, \`at\`, \`reasons\` | CRM, analysis |
| Attention Needed | \`customerId\`, \`attentionId\`, \`reason\`, \`priority\` (low, normal, high), \`at\` | a person is asked for; answer with [Attention Handled](#attention-handled) and the same \`attentionId\` |
| Offer Issued | \`customerId\`, \`offerId\`, \`offer\`, \`code\`, \`percent\`, \`issuedAt\`, \`expiresAt\` | make the code valid, and answer with [Offer Confirmed](#offer-confirmed) within 24 hours; repeated hourly until then |
| Event Refused | \`reason\`, \`field\`, \`expected\`, \`eventId\`, \`original\` | the engineers of the shop |
| Message Due, Customer Due | | between our own functions |
`;
}
