/** A priority queue: what is due first comes first, and among equals what was added first. */
export class DueHeap<T> {
  readonly #entries: { readonly at: number; readonly order: number; readonly value: T }[] = [];
  #added = 0;

  push(at: number, value: T): void {
    this.#added += 1;
    const entries = this.#entries;
    let index = entries.push({ at, order: this.#added, value }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) break;
      index = parent;
    }
  }

  first(): { readonly at: number; readonly value: T } | undefined {
    return this.#entries[0];
  }

  pop(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #before(index: number, other: number): boolean {
    const a = this.#entries[index];
    const b = this.#entries[other];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swapIfBefore(index: number, other: number): boolean {
    const a = this.#entries[index];
    const b = this.#entries[other];
    if (a === undefined || b === undefined || !this.#before(index, other)) return false;
    this.#entries[index] = b;
    this.#entries[other] = a;
    return true;
  }
}
