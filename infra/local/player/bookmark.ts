/** How far a play has come in a data directory, so that the next start goes on there and leaves nothing out. */
import { z } from 'zod';
import type { Cursor } from '../twin.ts';
import { UsageError } from '../usage-error.ts';

const stored = z.object({ name: z.string(), made: z.number(), steps: z.number() });

export interface Bookmark {
  /** Epoch milliseconds of the first start of this play. */
  readonly made: number;
  /** Steps told already. */
  readonly steps: number;
  readonly move: (steps: number) => void;
}

/**
 * @param name of the script; a data directory holds one script only, because its clock stands where that one ended
 * @throws UsageError when the directory holds another script
 */
export function openBookmark(cursor: Cursor, name: string, now: number): Bookmark {
  const text = cursor.get();
  const found = text === undefined ? { name, made: now, steps: 0 } : stored.parse(JSON.parse(text));
  if (found.name !== name) {
    throw new UsageError(`the data directory holds another play (${found.name}); name another one with --data`);
  }
  const move = (steps: number): void => cursor.set(JSON.stringify({ name, made: found.made, steps }));
  // Noted before anything is told: a step that is told again has to say the same as the first time.
  move(found.steps);
  return { made: found.made, steps: found.steps, move };
}
