/** What is wrong in the content, found in a process beside this one. Content that has not changed is looked through once. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { hashOf } from '../../../cache.ts';

const INSPECT = fileURLToPath(new URL('./inspect.ts', import.meta.url));

const findingSchema = z.object({
  file: z.string(),
  line: z.number().optional(),
  problem: z.string(),
  advice: z.string(),
  severity: z.enum(['error', 'warning']),
  rule: z.string(),
});

export type Finding = z.infer<typeof findingSchema>;

export interface Inspected {
  /** Tells this state of the content from others. */
  readonly stamp: string;
  readonly findings: readonly Finding[];
}

/** Names the state the content is in. */
export function stampOf(contentDirectory: string): Promise<string> {
  return hashOf([contentDirectory]);
}

/** The process that looked through the content ended early. */
class InspectionFailed extends Error {
  override readonly name = 'InspectionFailed';
}

export class Inspection {
  readonly #contentDirectory: string;
  readonly #children = new Set<ChildProcess>();
  #last: { readonly stamp: string; readonly findings: Promise<readonly Finding[]> } | undefined;

  constructor(contentDirectory: string) {
    this.#contentDirectory = contentDirectory;
  }

  close(): void {
    for (const child of this.#children) child.kill();
  }

  /** Compiles the content, so that its release is found, and lints it. */
  async look(): Promise<Inspected> {
    const stamp = await stampOf(this.#contentDirectory);
    if (this.#last?.stamp !== stamp) {
      const findings = this.#run();
      const last = { stamp, findings };
      this.#last = last;
      findings.catch(() => {
        if (this.#last === last) this.#last = undefined;
      });
    }
    return { stamp, findings: await this.#last.findings };
  }

  async #run(): Promise<readonly Finding[]> {
    const child = fork(INSPECT, [this.#contentDirectory], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#children.add(child);
    let [said, told]: [string, unknown] = ['', undefined];
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    child.on('message', (message) => (told = message));
    const [code]: unknown[] = await once(child, 'close');
    this.#children.delete(child);
    const findings = z.array(findingSchema).safeParse(told);
    if (findings.success && code === 0) return findings.data;
    throw new InspectionFailed(`the content could not be looked through:\n${said}`, { cause: findings.error });
  }
}
