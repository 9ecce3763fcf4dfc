/** People who look around in a shop. */
import type { Shop } from './shop.ts';

interface Seen {
  readonly sku: string;
  readonly category?: string;
  readonly kind?: 'product' | 'comparison' | 'specification';
}

/** Looks at these pages now, one after the other within one visit. */
export async function look(shop: Shop, customerId: string, ...pages: readonly Seen[]): Promise<void> {
  // Two looks of one person never fall into the same second.
  const looks = pages.map((page, index) => ({
    type: 'Product Viewed',
    data: { customerId, ...page },
    at: shop.twin.now() - (pages.length - 1 - index) * 1000,
  }));
  await shop.put(...looks);
  await shop.wait(0);
}
