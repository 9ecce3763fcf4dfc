import { describe, expect, it } from 'vitest';
import { openBookmark } from '../../infra/local/player/bookmark.ts';
import { UsageError } from '../../infra/local/usage-error.ts';

function cursor() {
  let kept: string | undefined;
  return { get: () => kept, set: (value: string) => void (kept = value) };
}

describe('a bookmark', () => {
  it('starts at the beginning and goes on where the last play of the same name came to', () => {
    const kept = cursor();
    const first = openBookmark(kept, 'shop', 1000);
    expect([first.made, first.steps]).toEqual([1000, 0]);
    first.move(7);
    const second = openBookmark(kept, 'shop', 2000);
    expect([second.made, second.steps]).toEqual([1000, 7]);
  });

  it('keeps the moment of its first start before anything has been told', () => {
    const kept = cursor();
    openBookmark(kept, 'shop', 1000);
    expect(openBookmark(kept, 'shop', 2000)).toMatchObject({ made: 1000, steps: 0 });
  });

  it('refuses a directory that holds another play', () => {
    const kept = cursor();
    openBookmark(kept, 'shop', 1000).move(1);
    expect(() => openBookmark(kept, 'export', 2000)).toThrow(UsageError);
  });
});
