/** What every store of releases does, run against each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Move, ReleaseStore } from '../../shared/adapters/release-store.ts';
import { START } from '../support/events.ts';
import { implementations } from './stores.ts';

const OPEN_TIMEOUT_MS = 60_000;

const moveNumber = (number: number, more: Partial<Move> = {}): Move => ({
  number,
  releaseId: `r-${number}`,
  format: 1,
  at: START + number,
  by: 'anna',
  ...more,
});

/** Longer than an item may be, and nothing that packing makes short. */
const LONG = Array.from({ length: 60_000 }, (_, index) => ((index * 2_654_435_761) % 4_294_967_296).toString(36)).join(
  'å',
);

// There is one pointer, so these tests follow each other.
describe.each(implementations())('releases in $name', ({ open }) => {
  let releases: ReleaseStore;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    ({ releases } = opened);
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  it('have no live one, no history and no deployed one at first', async () => {
    expect(await releases.live()).toBeUndefined();
    expect(await releases.latest()).toBeUndefined();
    expect(await releases.history()).toEqual([]);
    expect(await releases.deployed()).toBeUndefined();
  });

  it('become live by the move of who saw the last one, and by nobody else', async () => {
    expect(await releases.move(moveNumber(1), undefined)).toBe(true);
    expect(await releases.move(moveNumber(1, { by: 'bo' }), undefined)).toBe(false);
    expect(await releases.latest()).toEqual(moveNumber(1));
    expect(await releases.live()).toEqual(moveNumber(1));

    expect(await releases.move(moveNumber(2, { message: 'spring' }), moveNumber(1))).toBe(true);
    expect(await releases.move(moveNumber(2, { by: 'bo' }), moveNumber(1))).toBe(false);
    expect(await releases.latest()).toEqual(moveNumber(2, { message: 'spring' }));
  });

  it('keep every move, also those back to what was deployed, newest first', async () => {
    const { releaseId: _none, ...back } = moveNumber(3);
    expect(await releases.move(back, moveNumber(2, { message: 'spring' }))).toBe(true);
    expect(await releases.live()).toEqual(back);
    expect(await releases.history()).toEqual([back, moveNumber(2, { message: 'spring' }), moveNumber(1)]);
  });

  it('give back every part as it was written, however long, and never another one', async () => {
    await releases.writePart('r-1', 'templates/onboarding/welcome', 'Welcome – خوش آمدید');
    await releases.writePart('r-1', 'long', LONG);
    await releases.writePart('r-1', 'empty', '');
    await releases.writePart('r-2', 'long', 'of another release');
    await releases.writePart('r-1', 'templates/onboarding/welcome', 'something else');

    expect(await releases.readPart('r-1', 'templates/onboarding/welcome')).toBe('Welcome – خوش آمدید');
    expect(await releases.readPart('r-1', 'long')).toBe(LONG);
    expect(await releases.readPart('r-1', 'none')).toBeUndefined();
    expect(await releases.readParts('r-1')).toEqual(
      new Map([
        ['templates/onboarding/welcome', 'Welcome – خوش آمدید'],
        ['long', LONG],
        ['empty', ''],
      ]),
    );
    expect(await releases.readParts('r-3')).toEqual(new Map());
  });

  it('know what was deployed last', async () => {
    await releases.setDeployed({ releaseId: 'd-1', at: START });
    await releases.setDeployed({ releaseId: 'd-2', at: START + 1 });
    expect(await releases.deployed()).toEqual({ releaseId: 'd-2', at: START + 1 });
  });
});
