/**
 * `npm test` before its tests: types, lint, format, dead code and the content, side by side, for some of them use one
 * processor only. Each says what it has to say once it has ended, whole. Fails if any fails.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { isOwnContent, sampleBoundTests } from './sample-bound.ts';

/** Scripts of package.json, those that take longest first. The content is compiled by the way, which the tests need. */
const waiting = ['check:format', 'lint:content', 'check:lint', 'check:types', 'check:dead'];

function run(script: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script], { shell: process.platform === 'win32' });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(`${script}: ${code === 0 ? 'ok' : 'FAILED'}\n`);
      process.stdout.write(Buffer.concat(said));
      resolve(code === 0);
    });
  });
}

async function runWaiting(): Promise<boolean> {
  let isSound = true;
  for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) {
    isSound = (await run(script)) && isSound;
  }
  return isSound;
}

const ended = await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
process.exitCode = ended.every(Boolean) ? 0 : 1;
if (isOwnContent()) {
  process.stdout.write(
    `shared/content is a shop's own: ${sampleBoundTests().length} test files about the content this project ships with are left out\n`,
  );
}
