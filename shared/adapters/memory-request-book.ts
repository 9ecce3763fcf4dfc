/** Requests to the intake in memory, with the same contract as the table; for tests. */
import type { Instant } from '../lifecycle/time.ts';
import type { RequestBook, TakenRequest, Window } from './request-book.ts';

export class MemoryRequestBook implements RequestBook {
  readonly #requests = new Map<string, TakenRequest>();
  readonly #letIn = new Map<number, number>();

  async read(id: string, now: Instant): Promise<TakenRequest | undefined> {
    const found = this.#requests.get(id);
    return found !== undefined && now < found.forgottenAt ? { ...found } : undefined;
  }

  async keep(request: TakenRequest): Promise<void> {
    const kept = this.#requests.get(request.id);
    if (kept === undefined || kept.signedAt < request.signedAt) this.#requests.set(request.id, { ...request });
  }

  async letIn({ number, most }: Window, count: number): Promise<boolean> {
    const before = this.#letIn.get(number) ?? 0;
    if (before + count > most) return false;
    this.#letIn.set(number, before + count);
    return true;
  }
}
