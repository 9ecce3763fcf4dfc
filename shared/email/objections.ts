/** Objections and their answers: the playbook says which are answered by mail, and objections.json what is answered. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { objectionNamed } from '../lifecycle/cases.ts';
import { ContentError, type ContentProblem } from './content-error.ts';
import type { House } from './house.ts';

const PLAYBOOK = 'playbook.json';
const ANSWERS = 'objections.json';
const PREFIX = objectionNamed('');

/** The first line of a file of the content that has the text, from 1; undefined where none has. */
async function lineWith(contentDirectory: string, file: string, text: string): Promise<number | undefined> {
  const lines = (await readFile(join(contentDirectory, file), 'utf8')).split('\n');
  const index = lines.findIndex((each) => each.includes(text));
  return index < 0 ? undefined : index + 1;
}

/** @throws ContentError when the playbook answers an objection with nothing, or an answer reaches nobody */
export async function checkObjections(contentDirectory: string, { carried, playbook }: House): Promise<void> {
  const written = Object.keys(carried.objections);
  const mailed = playbook.programmes.flatMap(({ series }) =>
    series.flatMap((each) =>
      each.trigger === 'case' && each.of === 'answer'
        ? each.steps.flatMap(({ about = [] }) =>
            about.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)),
          )
        : [],
    ),
  );
  const found: ContentProblem[] = [];
  for (const name of mailed.filter((each) => !written.includes(each))) {
    const line = await lineWith(contentDirectory, PLAYBOOK, `"${objectionNamed(name)}"`);
    found.push({
      file: PLAYBOOK,
      ...(line !== undefined && { line }),
      problem: `there is no answer to the objection "${name}"`,
      advice: `write it in ${ANSWERS}, or use one of ${written.join(', ')}`,
    });
  }
  for (const name of written.filter((each) => !mailed.includes(each))) {
    const line = await lineWith(contentDirectory, ANSWERS, `"${name}":`);
    found.push({
      file: ANSWERS,
      ...(line !== undefined && { line }),
      problem: `no step answers the objection "${name}"`,
      advice: `add "${objectionNamed(name)}" to what answer-objection is about in ${PLAYBOOK}, or remove it`,
    });
  }
  if (found.length > 0) throw new ContentError(found);
}
