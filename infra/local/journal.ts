/**
 * What must survive the end of the process, written into the LevelDB that also holds the tables. Writes are grouped;
 * whatever was put before `flush` is on disk when its promise resolves.
 */
export interface Journal {
  put(key: string, value: unknown): void;
  delete(key: string): void;
  flush(): Promise<void>;
  /** Everything under a prefix, in key order, without the prefix. */
  read(prefix: string): Promise<readonly (readonly [string, unknown])[]>;
}

/** Without a data directory nothing is kept. */
export const FORGETFUL: Journal = {
  put: () => undefined,
  delete: () => undefined,
  flush: () => Promise.resolve(),
  read: () => Promise.resolve([]),
};

/** Apart from dynalite's own keys, which begin with `table`, `item-`, `index-` or `tag-`. */
const NAMESPACE = 'twin~';
const AFTER_ALL_KEYS = '\u{FFFF}';

export class LevelJournal implements Journal {
  readonly #db: LevelStore;
  #pending: LevelBatchOperation[] = [];
  #written: Promise<void> = Promise.resolve();
  #scheduled = false;

  constructor(db: LevelStore) {
    this.#db = db;
  }

  put(key: string, value: unknown): void {
    this.#add({ type: 'put', key: NAMESPACE + key, value });
  }

  delete(key: string): void {
    this.#add({ type: 'del', key: NAMESPACE + key });
  }

  /** @throws whatever LevelDB reports; later writes are refused then as well, so nothing is acknowledged by mistake */
  flush(): Promise<void> {
    if (this.#pending.length > 0) {
      const operations = this.#pending;
      this.#pending = [];
      this.#written = this.#written.then(() => this.#db.batch(operations));
    }
    return this.#written;
  }

  async read(prefix: string): Promise<readonly (readonly [string, unknown])[]> {
    const from = NAMESPACE + prefix;
    const entries = await this.#db.iterator({ gte: from, lt: from + AFTER_ALL_KEYS }).all();
    return entries.map(([key, value]) => [key.slice(from.length), value]);
  }

  #add(operation: LevelBatchOperation): void {
    this.#pending.push(operation);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      // A failed write is reported by the flush of whoever waits for it.
      this.flush().catch(() => undefined);
    });
  }
}
