/** Builds what the scenarios run, once for all test files. */
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';

export default async function build(): Promise<void> {
  await cachedAssembly(stageConfig('local'));
}
