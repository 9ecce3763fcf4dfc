/** What every book of walks does, run against each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import { START } from '../support/events.ts';
import { implementations } from './stores.ts';

const OPEN_TIMEOUT_MS = 60_000;

const WALK: Walk = {
  version: 1,
  name: 'import/5f0c',
  startsAt: START,
  begunAt: START + 1,
  by: 'anna',
  run: 'r-1',
  status: 'running',
  done: 7,
  after: '7',
  rampPerDay: 200,
  waveFrom: START + 31,
  taken: [[START, START + 9]],
  places: [START, START + 3],
};

// There is one book, so these tests follow each other.
describe.each(implementations())('the walks in $name', ({ open }) => {
  let book: WalkBook;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    book = opened.walks;
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  it('are none before the first, and come back unchanged with everything in them', async () => {
    expect(await book.read(WALK.name)).toBeUndefined();
    expect(await book.save(WALK, 0)).toBe(true);
    expect(await book.read(WALK.name)).toEqual(WALK);
  });

  it('each have a name of their own, and are replaced by who saw the latest version, and by nobody else', async () => {
    expect(await book.save({ ...WALK, by: 'somebody else' }, 0)).toBe(false);
    expect(await book.save({ ...WALK, version: 3 }, 2)).toBe(false);
    const { after: _over, ...done } = WALK;
    expect(await book.save({ ...done, version: 2, status: 'done' }, 1)).toBe(true);
    expect(await book.read(WALK.name)).toEqual({ ...done, version: 2, status: 'done' });
    expect(await book.read('activation/1')).toBeUndefined();
  });
});
