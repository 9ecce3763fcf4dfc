/** Makes the in-memory harness one file that plain Node runs, as it is or with one rule taken away. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Mutant } from './mutants.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The source is no longer what the mutant was written for. */
class MutantOutdated extends Error {
  override readonly name = 'MutantOutdated';
}

/**
 * @param outfile where the bundle goes
 * @throws MutantOutdated when the text to replace is not found exactly once
 */
export async function bundleInMemory(outfile: string, mutant?: Mutant): Promise<void> {
  await build({
    entryPoints: [path.join(PROJECT, 'test/faults/in-memory.ts')],
    outfile,
    absWorkingDir: PROJECT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    alias: { vitest: './test/faults/timers.ts' },
    plugins: mutant === undefined ? [] : [mutation(mutant)],
    banner: {
      js: "import{createRequire as createRequireOfBundle}from'node:module';const require=createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'silent',
  });
}

function mutation({ name, file, find, replace }: Mutant): Plugin {
  return {
    name: 'mutation',
    setup(bundling) {
      let times = 0;
      bundling.onLoad({ filter: /\.ts$/ }, async (source) => {
        if (path.relative(PROJECT, source.path) !== path.normalize(file)) return undefined;
        const parts = (await readFile(source.path, 'utf8')).split(find);
        times = parts.length - 1;
        return { contents: parts.join(replace), loader: 'ts' };
      });
      bundling.onEnd(() => {
        if (times !== 1) throw new MutantOutdated(`${name}: found ${times} times in ${file}, expected once: ${find}`);
      });
    },
  };
}
