import { expect, it } from 'vitest';
import { lintContent } from '../../shared/email/lint-content.ts';
import { SHIPPED_CONTENT } from './content-copy.ts';

it('the shipped content has nothing to complain about', async () => {
  expect(await lintContent(SHIPPED_CONTENT)).toEqual([]);
});
