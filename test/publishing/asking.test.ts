import { describe, expect, it } from 'vitest';
import { UsageError } from '../../infra/local/usage-error.ts';
import { confirmChange, confirmRelease } from '../../infra/target.ts';

const NO_TERMINAL = { isTTY: false };

describe('publishing and going back', () => {
  it('change a stage unasked only for who has said --yes', async () => {
    const stage = { stage: 'staging' };
    await expect(confirmRelease(stage, 'Publish this?', false, NO_TERMINAL)).rejects.toThrow(UsageError);
    await expect(confirmRelease(stage, 'Publish this?', false, {})).rejects.toThrow('expected --yes');
    expect(await confirmRelease(stage, 'Publish this?', true, NO_TERMINAL)).toBe(true);
  });

  it('is what changes production, too, and a stage that no settings describe', async () => {
    for (const stage of ['prod', 'elsewhere']) {
      await expect(confirmChange({ stage }, 'Pause', false, NO_TERMINAL)).rejects.toThrow('expected --yes');
      expect(await confirmChange({ stage }, 'Pause', true, NO_TERMINAL)).toBe(true);
    }
    expect(await confirmChange({ stage: 'dev' }, 'Pause', false, NO_TERMINAL)).toBe(true);
    expect(await confirmChange({ stage: undefined }, 'Pause', false, NO_TERMINAL)).toBe(true);
  });

  it('need no such word for the local twin', async () => {
    expect(await confirmRelease({ stage: undefined }, 'Publish this?', true, NO_TERMINAL)).toBe(true);
  });
});
