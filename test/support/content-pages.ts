/** The pages of a twin as a marketer has them: over content of their own, a copy of what is shipped. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { SHIPPED_CONTENT } from '../email/content-copy.ts';
import { openShop, type Shop } from './shop.ts';

export interface ContentPages {
  readonly shop: Shop;
  /** The folder of the copy. */
  readonly content: string;
  readonly pages: Pages;
  close(): Promise<void>;
}

/** @param prepare what is done with the twin before its pages open */
export async function openContentPages(
  prepare: (shop: Shop) => Promise<unknown> = () => Promise.resolve(),
): Promise<ContentPages> {
  const content = await mkdtemp(path.join(tmpdir(), 'content-'));
  await cp(SHIPPED_CONTENT, content, { recursive: true });
  const shop = await openShop();
  await prepare(shop);
  const pages = await startPages(shop.twin, 0, {
    playbookFile: path.join(content, 'playbook.json'),
    contentDirectory: content,
  });
  const close = async (): Promise<void> => {
    await pages.close();
    await shop.close();
    await rm(content, { recursive: true });
  };
  return { shop, content, pages, close };
}
