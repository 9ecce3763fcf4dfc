/** What is wrong in the content, found in processes beside this one. Content that has not changed is looked through once. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { hashOf } from '../../../cache.ts';

const INSPECT = fileURLToPath(new URL('./inspect.ts', import.meta.url));

/** A machine has two processors, and each takes about as long. */
const TASKS = ['compile', 'lint'] as const;

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
      const findings = Promise.all(TASKS.map((task) => this.#run(task))).then(distinct);
      const last = { stamp, findings };
      this.#last = last;
      findings.catch(() => {
        if (this.#last === last) this.#last = undefined;
      });
    }
    return { stamp, findings: await this.#last.findings };
  }

  async #run(task: (typeof TASKS)[number]): Promise<readonly Finding[]> {
    const child = fork(INSPECT, [task, this.#contentDirectory], {
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
    throw new InspectionFailed(`the content could not be looked through (${task}):\n${said}`, {
      cause: findings.error,
    });
  }
}

/** Both tasks meet what does not compile. */
function distinct(found: readonly (readonly Finding[])[]): readonly Finding[] {
  const known = new Map<string, Finding>();
  for (const finding of found.flat()) {
    const id = `${finding.file}:${finding.line}:${finding.problem}`;
    if (!known.has(id)) known.set(id, finding);
  }
  return [...known.values()];
}
