/** Runs a command as a person would: in a process of its own, with what it printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function run(command: string, ...args: readonly string[]): Promise<Ran> {
  return runWith({}, command, ...args);
}

/** @param environment variables beside those of this process */
export async function runWith(
  environment: Readonly<Record<string, string>>,
  command: string,
  ...args: readonly string[]
): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/command.ts', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const [code]: (number | null)[] = await once(child, 'close');
  return { code: code ?? null, out, err };
}

/**
 * Kills a command once it has said something like this.
 *
 * @returns what it had printed by then
 */
export async function killedAt(said: RegExp, command: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/command.ts', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let all = '';
  const hear = (chunk: unknown) => {
    all += String(chunk);
    if (said.test(all)) child.kill('SIGKILL');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  await once(child, 'close');
  if (!said.test(all)) throw new Error(`it ended before it said ${String(said)}: ${all}`);
  return all;
}
