import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cachedAssembly, synthesize } from '../../infra/app.ts';
import { buildFunctions, UnplayablePlaybook } from '../../infra/build.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { PROJECT } from '../../infra/cache.ts';
import { parseConfig, stageConfig } from '../../infra/config.ts';
import { ENVIRONMENT, type FunctionName } from '../../shared/contracts/environment.ts';
import { emptyBundles, scratchDirectory } from './templates.ts';

const SOURCE = `import { readFileSync } from 'node:fs';
export const handler = async () => JSON.parse(readFileSync(process.env.LAMBDA_TASK_ROOT + '/content/playbook.json', 'utf8'));
`;

/** Functions that answer with the playbook they find. */
let functionsDirectory: string;

function writeFunction(functionName: string, source = SOURCE): void {
  mkdirSync(path.join(functionsDirectory, functionName), { recursive: true });
  writeFileSync(path.join(functionsDirectory, functionName, 'handler.ts'), source);
}

/** The shipped playbook with something else in it. */
function playbookWith(change: Record<string, unknown>): string {
  const file = path.join(scratchDirectory(), 'playbook.json');
  const shipped = z
    .looseObject({})
    .parse(JSON.parse(readFileSync(path.join(PROJECT, 'shared/content/playbook.json'), 'utf8')));
  writeFileSync(file, JSON.stringify({ ...shipped, ...change }));
  return file;
}

/** A programme that answers a complaint by one step. */
function recoveryBy(step: string): Record<string, unknown> {
  const steps = [{ id: step, class: 'service', priority: 1, fresh: '14 days', from: 'opened', after: '0 days' }];
  return {
    id: 'recovery',
    afterUnknown: 'repeat once',
    series: [{ id: 'complaint', trigger: 'case', of: 'complaint', steps }],
  };
}

/** A programme whose mail asks something. */
function asking(question: string, ...answers: readonly string[]): Record<string, unknown> {
  const asks = { question, answers: ['other', ...answers] };
  const steps = [{ id: 'ask', class: 'promotional', priority: 1, fresh: '7 days', after: '0 days', asks }];
  return {
    id: 'win-back',
    afterUnknown: 'give up',
    series: [{ id: 'return', trigger: 'stage', stage: 'lapsed', steps }],
  };
}

/** Runs a bundle as Lambda would. */
async function invoke(directory: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(path.join(directory, 'index.mjs')).href);
  process.env['LAMBDA_TASK_ROOT'] = directory;
  return z
    .object({ handler: z.function({ input: [], output: z.promise(z.unknown()) }) })
    .parse(module)
    .handler();
}

/** Everything in an assembly that a deployment reads, by file name. */
function contentOf(directory: string): Record<string, string> {
  const files = readdirSync(directory).filter((name) => /\.(template|assets)\.json$/.test(name));
  return Object.fromEntries(files.map((name) => [name, readFileSync(path.join(directory, name), 'utf8')]));
}

beforeEach(() => {
  functionsDirectory = scratchDirectory();
  for (const functionName of Object.keys(ENVIRONMENT)) writeFunction(functionName);
});

describe('the build', () => {
  it.each<FunctionName>(['record', 'census', 'send', 'feedback', 'preferences'])(
    'lets %s find its playbook beside its code',
    async (functionName) => {
      const playbookFile = playbookWith({ repeatAfter: '61 days' });
      const built = await buildFunctions({ functionsDirectory, playbookFile });

      await expect(invoke(built.directories[functionName])).resolves.toMatchObject({ repeatAfter: 61 * DAY });
    },
  );

  it('gives the release to send, its words to the pages, and no more than its name to those who show nothing', async () => {
    const { directories } = await buildFunctions({ functionsDirectory });

    expect(readdirSync(path.join(directories.send, 'content'))).toContain('release.json');
    expect(readdirSync(path.join(directories.preferences, 'content')).toSorted()).toEqual([
      'pages.json',
      'playbook.json',
      'release.json',
    ]);
    expect(readdirSync(path.join(directories.record, 'content')).toSorted()).toEqual(['playbook.json', 'release.json']);
    expect(readdirSync(path.join(directories.feedback, 'content'))).toEqual(['playbook.json']);
    expect(readdirSync(directories.sweep)).toEqual(['index.mjs']);
  });

  it('composes mails without the table of file types that only attachments need', async () => {
    writeFunction(
      'send',
      `import { composeMessage } from ${JSON.stringify(path.join(PROJECT, 'shared/email/message.ts'))};
      const [from, to] = [{ address: 'a@example.com' }, { address: 'b@example.com' }];
      const parts = { subject: 'Hej', text: 'Hej', html: '<p>Hej</p>', headers: {}, locale: 'sv' };
      export const handler = async () => String(await composeMessage({ from, replyTo: from.address, to, ...parts }));`,
    );
    const { directories } = await buildFunctions({ functionsDirectory });

    expect(readFileSync(path.join(directories.send, 'index.mjs'), 'utf8')).not.toContain('image/x-xwindowdump');
    const composed = z.string().parse(await invoke(directories.send));
    expect(composed.match(/^Content-Type: [^;]+/gm)).toEqual([
      'Content-Type: multipart/alternative',
      'Content-Type: text/plain',
      'Content-Type: text/html',
    ]);
  });

  it('is reused while nothing changes, and replaced when a function or the playbook does', async () => {
    const playbookFile = playbookWith({ repeatAfter: '61 days' });
    const first = await buildFunctions({ functionsDirectory, playbookFile });
    const again = await buildFunctions({ functionsDirectory, playbookFile });
    const replayed = await buildFunctions({
      functionsDirectory,
      playbookFile: playbookWith({ repeatAfter: '62 days' }),
    });
    writeFunction('sweep', 'export const handler = async () => "changed";');
    const changed = await buildFunctions({ functionsDirectory, playbookFile });

    expect(again).toEqual(first);
    expect(new Set([first.hash, replayed.hash, changed.hash]).size).toBe(3);
    await expect(invoke(changed.directories.sweep)).resolves.toBe('changed');
  });

  it.each([
    ['repeatAfter', { repeatAfter: 'often' }],
    ['no template for recovery/hug', { programmes: [recoveryBy('hug')] }],
    ['ask asks: questions.json has no words for the question "weather"', { programmes: [asking('weather', 'rain')] }],
    ['ask asks: questions.json has no words for the answers rain', { programmes: [asking('reason', 'price', 'rain')] }],
  ])('refuses a playbook that cannot be played, naming %s', async (finding, change) => {
    const playbookFile = playbookWith(change);

    const refusal = await buildFunctions({ functionsDirectory, playbookFile }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnplayablePlaybook);
    expect(String(refusal)).toContain(`${playbookFile}: `);
    expect(String(refusal)).toContain(finding);
  });

  it('leaves nothing behind that looks built when a function does not compile', async () => {
    writeFunction('send', 'export const handler = (;');

    await expect(buildFunctions({ functionsDirectory })).rejects.toThrow(/send\/handler\.ts:1:/);
    await expect(buildFunctions({ functionsDirectory })).rejects.toThrow(/send\/handler\.ts:1:/);
  });
});

describe('an assembly', () => {
  it('is the same, byte for byte, when it is synthesized again', async () => {
    const build = emptyBundles();
    const first = await synthesize(stageConfig('prod'), { outdir: scratchDirectory(), build });
    const second = await synthesize(stageConfig('prod'), { outdir: scratchDirectory(), build });

    expect(Object.keys(contentOf(first))).toHaveLength(4);
    expect(contentOf(second)).toEqual(contentOf(first));
  });

  it('is found again while nothing changes, and made anew for other settings or functions', async () => {
    const config = stageConfig('local');
    const first = await cachedAssembly(config, { functionsDirectory });
    const again = await cachedAssembly(config, { functionsDirectory });
    const off = await cachedAssembly(parseConfig({ ...config, sending: 'off' }), { functionsDirectory });
    writeFunction('sweep', 'export const handler = async () => "changed";');
    const changed = await cachedAssembly(config, { functionsDirectory });

    expect(again).toBe(first);
    expect(new Set([first, off, changed]).size).toBe(3);
    expect(Object.keys(contentOf(first))).toContain('PerennialPipeline-local.template.json');
  });
});
