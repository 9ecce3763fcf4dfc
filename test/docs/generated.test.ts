/** The documentation of the contracts is what the code enforces, and says something about every field. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { eventIndex, eventSchema, kebab, playbookJsonSchema } from '../../infra/event-contracts.ts';
import { EVENT_DOCS, generatedFiles } from '../../infra/generate.ts';
import { EVENT_TYPES, eventType } from '../../shared/lifecycle/events/event-types.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

type Node = z.core.JSONSchema.JSONSchema;
const detailFields = z.object({ metadata: z.looseObject({}), data: z.looseObject({}) });

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(PROJECT, file), 'utf8'));
}

/** The exported file as a validator of its own, made from nothing but the file. */
async function validatorFrom(file: string): Promise<z.ZodType> {
  const schema = z.record(z.string(), z.json()).parse(await readJson(file));
  return z.fromJSONSchema(schema);
}

/** Every schema within a schema that stands for a field, with its path. */
function fieldsIn(node: Node | boolean | (Node | boolean)[] | undefined, at = ''): [string, Node][] {
  if (typeof node !== 'object') return [];
  if (Array.isArray(node)) return node.flatMap((each, index) => fieldsIn(each, `${at}(${index})`));
  const named = Object.entries(node.properties ?? {}).flatMap(([name, each]): [string, Node][] =>
    typeof each === 'object' ? [[`${at}.${name}`, each], ...fieldsIn(each, `${at}.${name}`)] : [],
  );
  return [...named, ...fieldsIn(node.items, `${at}[]`), ...fieldsIn(node.oneOf, at)];
}

/** A field that can have one value only needs no words. */
function withoutWords(schema: Node): string[] {
  return fieldsIn(schema)
    .filter(([, { description = '', const: only }]) => description.length < 5 && only === undefined)
    .map(([field]) => field);
}

describe('generated files', () => {
  it('are current: if this fails, run "npm run generate"', async () => {
    const generated = Object.fromEntries(await generatedFiles());
    const found = Object.keys(generated).map(async (file) => [file, await readFile(path.join(PROJECT, file), 'utf8')]);

    expect(Object.fromEntries(await Promise.all(found))).toEqual(generated);
  });

  it('are the only ones in their directory, one for each event type and the index', async () => {
    const names = EVENT_TYPES.map(({ type }) => `${kebab(type)}.schema.json`);

    expect((await readdir(path.join(PROJECT, EVENT_DOCS))).toSorted()).toEqual([...names, 'README.md'].toSorted());
  });
});

describe.each(EVENT_TYPES.map((event) => ({ name: event.type, event })))('$name', ({ event }) => {
  const file = `${EVENT_DOCS}/${kebab(event.type)}.schema.json`;
  const { source = 'shop' } = event;
  const [example] = z.array(detailFields).length(1).parse(eventSchema(event).examples);

  it('has an example that is taken in', () => {
    expect(parseEvent({ source, detailType: event.type, detail: example }, NOON)).toMatchObject({
      kind: 'event',
    });
  });

  it('has an example that satisfies the exported schema, also with fields nobody knows', async () => {
    const validator = await validatorFrom(file);

    expect(validator.safeParse(example).error).toBeUndefined();
    expect(validator.safeParse({ ...example, data: { ...example?.data, later: 1 }, more: 2 }).error).toBeUndefined();
  });

  it('has a schema that refuses the example without any one of its required fields', async () => {
    const validator = await validatorFrom(file);
    const schema = detailFields.extend({ data: z.object({ required: z.array(z.string()) }) });
    const { data } = schema.parse(eventSchema(event).properties);

    for (const field of data.required) {
      const broken = { ...example, data: { ...example?.data, [field]: undefined } };
      expect({ field, ...validator.safeParse(broken) }).toMatchObject({ field, success: false });
      const isAnonymous = field === 'customerId' && eventType(event.type)?.look !== undefined;
      expect(parseEvent({ source, detailType: event.type, detail: broken }, NOON)).toMatchObject(
        isAnonymous ? { kind: 'anonymous' } : { refusal: { field: `data.${field}` } },
      );
    }
    expect(data.required).toContain('customerId');
  });

  it('says of every field what it means', () => {
    expect(withoutWords(eventSchema(event))).toEqual(['.metadata', '.data']);
  });

  it('stands in the index with a command whose entry is taken in', () => {
    const command = new RegExp(`## ${event.type}\n[^]*?--entries '([^]*?)'\n`, 'u').exec(eventIndex())?.[1] ?? '';
    const entries = z.array(
      z.object({ EventBusName: z.string(), Source: z.string(), DetailType: z.string(), Detail: z.string() }),
    );
    const [entry] = entries.length(1).parse(JSON.parse(command));

    expect(entry).toMatchObject({ DetailType: event.type });
    expect(parseEvent({ source, detailType: event.type, detail: JSON.parse(entry?.Detail ?? '') }, NOON)).toMatchObject(
      { kind: 'event' },
    );
  });
});

describe('the schema of the playbook', () => {
  const FILE = 'shared/content/playbook.schema.json';

  it("accepts the shop's playbook", async () => {
    const validator = await validatorFrom(FILE);

    expect(validator.safeParse(await readJson('shared/content/playbook.json')).error).toBeUndefined();
  });

  it('refuses a misspelt field and a duration without a unit', async () => {
    const validator = await validatorFrom(FILE);
    const playbook = z.looseObject({}).parse(await readJson('shared/content/playbook.json'));

    expect(validator.safeParse({ ...playbook, quitHours: {} }).success).toBe(false);
    expect(validator.safeParse({ ...playbook, repeatAfter: '60' }).success).toBe(false);
  });

  it('says of every field what it means', () => {
    expect(withoutWords(playbookJsonSchema())).toEqual([]);
  });
});
