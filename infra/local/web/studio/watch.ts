/** Tells whoever listens that something below the content directory has changed, whoever changed it. */
import { type FSWatcher, watch } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** An editor writes a file in several steps; what happens within this time is one change. */
const TOGETHER_MS = 80;
const HEARTBEAT_MS = 25_000;

export class ContentWatch {
  readonly #contentDirectory: string;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | undefined;
  #waiting: NodeJS.Timeout | undefined;

  constructor(contentDirectory: string) {
    this.#contentDirectory = contentDirectory;
  }

  /** Something that the pages show has become another without a file having changed. */
  tell(): void {
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      for (const listener of this.#listeners) listener();
    }, TOGETHER_MS);
  }

  /** Returns the off switch. Nothing is watched while nobody listens. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#watcher ??= this.#watch();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Undefined where the system cannot watch: pages are current when they are loaded, but not by themselves. */
  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#contentDirectory, { recursive: true }, () => this.tell());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }
}

/** Tells an open page of every change, by Server-Sent Events. */
export function streamEdits(response: ServerResponse, watcher: ContentWatch): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 2000\n\n');
  const off = watcher.listen(() => response.write('data: edit\n\n'));
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    off();
    clearInterval(heartbeat);
  });
}
