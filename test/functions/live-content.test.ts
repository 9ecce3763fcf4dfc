import { describe, expect, it } from 'vitest';
import { LiveContent, LiveReleaseUnknown } from '../../functions/live-content.ts';
import { MemoryReleaseStore } from '../../shared/adapters/memory-release-store.ts';
import type { Move } from '../../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../../shared/contracts/content-table.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { CountingMeter } from '../support/counting-meter.ts';

const SECOND = MINUTE / 60;

/** Counts what it is asked, and fails when told to. */
class Watched extends MemoryReleaseStore {
  asked = 0;
  partsRead = 0;
  isAway = false;

  override async live() {
    this.asked += 1;
    if (this.isAway) throw new Error('away');
    return super.live();
  }

  override async latest() {
    if (this.isAway) throw new Error('away');
    return super.latest();
  }

  override async readPart(releaseId: string, name: string) {
    this.partsRead += 1;
    if (this.isAway) throw new Error('away');
    return super.readPart(releaseId, name);
  }
}

/** A function whose content is one word of the release, and in it the id. */
function instance() {
  const releases = new Watched();
  const clock = { now: START };
  const meter = new CountingMeter();
  const log = { warn: () => undefined, info: () => undefined };
  const content = new LiveContent(
    { releases, meter, log, now: () => clock.now },
    'deployed',
    async (read, releaseId) => {
      const word = await read('word');
      if (word === undefined) throw new Error('no word');
      return `${word} of ${releaseId}`;
    },
  );
  let last: Move | undefined;
  const publish = async (releaseId: string | undefined, format = RELEASE_FORMAT) => {
    const move = {
      number: (last?.number ?? 0) + 1,
      ...(releaseId && { releaseId }),
      format,
      at: clock.now,
      by: 'anna',
    };
    if (releaseId !== undefined) await releases.writePart(releaseId, 'word', 'hello');
    expect(await releases.move(move, last)).toBe(true);
    last = move;
  };
  return { releases, clock, meter, content, publish };
}

describe('what a function works with', () => {
  it('is what it was deployed with until something is published', async () => {
    const { content, releases } = instance();
    expect(await content.current()).toBe('deployed');
    expect(releases.partsRead).toBe(0);
  });

  it('is what is published within a minute of that, and what was deployed within a minute of going back', async () => {
    const { content, clock, publish } = instance();
    await content.current();
    await publish('r-1');
    clock.now += MINUTE;
    expect(await content.current()).toBe('hello of r-1');
    await publish('r-2');
    clock.now += MINUTE;
    expect(await content.current()).toBe('hello of r-2');
    await publish(undefined);
    clock.now += MINUTE;
    expect(await content.current()).toBe('deployed');
  });

  it('costs one question in 25 seconds, and reads a release once', async () => {
    const { content, clock, publish, releases } = instance();
    await publish('r-1');
    for (let second = 0; second < 50; second += 1) {
      expect(await content.current()).toBe('hello of r-1');
      clock.now += SECOND;
    }
    expect(releases.asked).toBe(2);
    expect(releases.partsRead).toBe(1);
  });

  it('is old for less than a minute when an invocation that began just before the next question takes thirty seconds', async () => {
    const { content, clock, publish } = instance();
    await content.current();
    await publish('r-1');
    clock.now += MINUTE - 30 * SECOND;
    expect(await content.current()).toBe('hello of r-1');
  });

  it('stays what it is while nobody can say what is live, and that is counted', async () => {
    const { content, clock, publish, releases, meter } = instance();
    await publish('r-1');
    await content.current();
    await publish('r-2');
    releases.isAway = true;
    clock.now += MINUTE;
    expect(await content.current()).toBe('hello of r-1');
    expect(meter.names).toEqual(['ContentKept unread']);
    releases.isAway = false;
    clock.now += 4 * SECOND;
    expect(await content.current()).toBe('hello of r-1');
    clock.now += SECOND;
    expect(await content.current()).toBe('hello of r-2');
  });

  it('stays what it is when a release was made by newer code, and that is counted', async () => {
    const { content, clock, publish, releases, meter } = instance();
    await publish('r-1');
    await content.current();
    await publish('r-2', RELEASE_FORMAT + 1);
    clock.now += MINUTE;
    expect(await content.current()).toBe('hello of r-1');
    expect(meter.names).toEqual(['ContentKept format']);
    expect(releases.partsRead).toBe(1);
  });

  it('stays what it is when a release cannot be read, which is tried again', async () => {
    const { content, clock, releases, meter } = instance();
    const move = { number: 1, releaseId: 'r-1', format: RELEASE_FORMAT, at: START, by: 'anna' };
    await releases.move(move, undefined);
    expect(await content.current()).toBe('deployed');
    expect(meter.names).toEqual(['ContentKept broken']);
    await releases.writePart('r-1', 'word', 'hello');
    clock.now += 5 * SECOND;
    expect(await content.current()).toBe('hello of r-1');
  });
});

describe('who meets something that is not in the release', () => {
  it('gets what is live at this moment, without waiting', async () => {
    const { content, publish } = instance();
    await content.current();
    await publish('r-1');
    expect(await content.current()).toBe('deployed');
    expect(await content.newest()).toBe('hello of r-1');
    expect(await content.current()).toBe('hello of r-1');
  });

  it('is not told that it is nowhere when nobody knows', async () => {
    const { content, releases } = instance();
    await content.current();
    releases.isAway = true;
    await expect(content.newest()).rejects.toThrow(LiveReleaseUnknown);
  });
});
