import { expect, it } from 'vitest';
import { lintedRelease } from '../../infra/build.ts';
import { SHIPPED_CONTENT } from './content-copy.ts';

it('the shipped content has nothing to complain about', async () => {
  expect(await lintedRelease(SHIPPED_CONTENT)).toEqual([]);
});
