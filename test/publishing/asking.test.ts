import { describe, expect, it } from 'vitest';
import { UsageError } from '../../infra/local/usage-error.ts';
import { confirmRelease } from '../../infra/target.ts';

const NO_TERMINAL = { isTTY: false };

describe('publishing and going back', () => {
  it('change a stage unasked only for who has said --yes', async () => {
    const stage = { stage: 'staging' };
    await expect(confirmRelease(stage, 'Publish this?', false, NO_TERMINAL)).rejects.toThrow(UsageError);
    await expect(confirmRelease(stage, 'Publish this?', false, {})).rejects.toThrow('expected --yes');
    expect(await confirmRelease(stage, 'Publish this?', true, NO_TERMINAL)).toBe(true);
  });

  it('need no such word for the local twin', async () => {
    expect(await confirmRelease({ stage: undefined }, 'Publish this?', true, NO_TERMINAL)).toBe(true);
  });
});
