/**
 * Tells whoever listens that something below the content directory has changed, whoever changed it. It looks by itself,
 * because what the system reports is lost once an editor has replaced a file by renaming another.
 */
import { lstatSync, readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';

/** Some hundred files are looked at in a few milliseconds. */
const LOOK_EVERY_MS = 400;
/** An editor writes a file in several steps; what happens within this time is one change. */
const TOGETHER_MS = 80;
const HEARTBEAT_MS = 25_000;

export class ContentWatch {
  readonly #contentDirectory: string;
  readonly #listeners = new Set<() => void>();
  #looking: NodeJS.Timeout | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #seen: string | undefined;

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

  /** Returns the off switch. Nothing is looked at while nobody listens. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#looking === undefined) {
      this.#seen = this.#stamp();
      this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    clearTimeout(this.#waiting);
    clearInterval(this.#looking);
    this.#waiting = undefined;
    this.#looking = undefined;
  }

  #look(): void {
    const stamp = this.#stamp();
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    this.tell();
  }

  /**
   * What tells one state of all files from another. What cannot be looked at, for it goes at this moment or leads in a circle,
   * is a state of its own: the next look finds another one, or the page that is told says what is wrong.
   */
  #stamp(): string {
    try {
      const names = readdirSync(this.#contentDirectory, { recursive: true, encoding: 'utf8' });
      return names
        .map((name) => {
          const found = lstatSync(join(this.#contentDirectory, name), { throwIfNoEntry: false });
          return `${name} ${found?.mtimeMs} ${found?.size}`;
        })
        .join('\n');
    } catch (error) {
      return String(error);
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
