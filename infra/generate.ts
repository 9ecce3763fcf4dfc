/**
 * `npm run generate`: writes the contracts' documentation from the code that enforces them, so that the two cannot
 * disagree. The same code gives the same bytes; a test fails when the files are not current.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { parsePlaybook } from '../shared/lifecycle/playbook/parse-playbook.ts';
import { EVENT_TYPES } from '../shared/lifecycle/events/event-types.ts';
import { PROJECT } from './cache.ts';
import { customerTypesPage } from './customer-types.ts';
import { eventIndex, eventSchema, kebab, playbookJsonSchema } from './event-contracts.ts';

/** Everything in here is generated. */
export const EVENT_DOCS = 'docs/events';

/** Path below the project → content. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const schemas = EVENT_TYPES.map(
    (event) => [`${EVENT_DOCS}/${kebab(event.type)}.schema.json`, JSON.stringify(eventSchema(event))] as const,
  );
  const playbook = parsePlaybook(
    JSON.parse(await readFile(path.join(PROJECT, 'shared/content/playbook.json'), 'utf8')),
  );
  const files = [
    ...schemas,
    ['docs/customer-types.md', customerTypesPage(playbook)] as const,
    [`${EVENT_DOCS}/README.md`, eventIndex()] as const,
    ['shared/content/playbook.schema.json', JSON.stringify(playbookJsonSchema())] as const,
  ];
  const formatted = files.map(async ([file, content]): Promise<[string, string]> => {
    const filepath = path.join(PROJECT, file);
    return [file, await format(content, { ...(await resolveConfig(filepath)), filepath })];
  });
  return new Map(await Promise.all(formatted));
}

async function write(): Promise<void> {
  const files = await generatedFiles();
  const directory = path.join(PROJECT, EVENT_DOCS);
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (!files.has(`${EVENT_DOCS}/${name}`)) await rm(path.join(directory, name), { recursive: true });
  }
  for (const [file, content] of files) {
    await writeFile(path.join(PROJECT, file), content);
    process.stdout.write(`${file}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write();
