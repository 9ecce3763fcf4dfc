import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentChanged, whileUnchanged } from '../../infra/publishing/unchanged.ts';

let content: string;
const save = (text: string) => writeFile(path.join(content, 'en.json'), text);
const wrong = () => Promise.reject(new Error('line 3 is wrong'));
const torn = async () => {
  await save('{');
  throw new SyntaxError('no JSON');
};

beforeEach(async () => {
  content = await mkdtemp(path.join(tmpdir(), 'content-'));
  await save('{}');
});
afterEach(() => rm(content, { recursive: true }));

describe('what is read of the content', () => {
  it('counts when nobody changed it meanwhile, and so does what is wrong in it', async () => {
    expect(await whileUnchanged(content, async () => 'read')).toBe('read');
    await expect(whileUnchanged(content, wrong)).rejects.toThrow('line 3 is wrong');
  });

  it('does not count when somebody saved a file, or made or removed one', async () => {
    await expect(whileUnchanged(content, () => save('{"subject": "Other"}'))).rejects.toThrow(ContentChanged);
    const add = () => writeFile(path.join(content, 'sv.json'), '{}');
    await expect(whileUnchanged(content, add)).rejects.toThrow('changed meanwhile; publish again');
    await expect(whileUnchanged(content, () => rm(path.join(content, 'sv.json')))).rejects.toThrow(ContentChanged);
  });

  it('is not called wrong when it was half one and half the other', async () => {
    await expect(whileUnchanged(content, torn)).rejects.toThrow(ContentChanged);
  });
});
