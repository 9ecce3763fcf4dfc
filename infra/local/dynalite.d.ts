/** The internals of dynalite 4.0.0 that the twin calls in process; the version is pinned because they are internals. */

interface LevelBatchOperation {
  readonly type: 'put' | 'del';
  readonly key: string;
  readonly value?: unknown;
}

interface LevelRange {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

interface LevelValues {
  all(): Promise<unknown[]>;
  nextv(size: number): Promise<unknown[]>;
  close(): Promise<void>;
}

interface LevelStore {
  open(): Promise<void>;
  close(): Promise<void>;
  batch(operations: readonly LevelBatchOperation[]): Promise<void>;
  values(range: LevelRange): LevelValues;
  iterator(range: LevelRange): { all(): Promise<[string, unknown][]> };
  createValueStream(range: LevelRange): NodeJS.ReadableStream;
}

type TableAnswer = (error: unknown, table?: unknown) => void;

interface DynaliteStore {
  readonly db: LevelStore;
  getTable(name: string, checkStatus: boolean | TableAnswer, answer?: TableAnswer): void;
  readonly tableDb: { awsAccountId: string; awsRegion: string };
}

declare module 'dynalite/db/index.js' {
  const db: {
    create(options: { path?: string; createTableMs: number }): DynaliteStore;
    hashPrefix(value: string, type: string): string;
    toRangeStr(value: string, type: string): string;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(data: unknown, types: unknown): unknown;
    checkValidations(data: unknown, types: unknown, custom: unknown, store: DynaliteStore): void;
  };
  export default validations;
}
