/**
 * What a customer looked at as a table item: ten bytes a look, and each article and category once, so that the item never
 * takes more than 1 KB, one write unit.
 */
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { TABLE } from '../contracts/table.ts';
import { type Instant } from '../lifecycle/time.ts';
import { forgottenAt, type Look, LOOK_BYTES, LOOK_KINDS } from '../lifecycle/facts/looks.ts';
import type { StoredLooks } from './customer-store.ts';
import { keyOf } from './dynamodb-table.ts';
import { type Item, partitionOf, UnreadableItem } from './profile-item.ts';

export const BROWSING_KEY = 'BROWSING';

/** Raised when the meaning of a stored attribute changes, together with code that still reads the old one. */
const FORMAT = 1;

/** A look: seconds (4), id (4), article (1), kind (2 bits) and category (6 bits). */
const PLACE = { seconds: 0, id: 4, sku: 8, kindAndCategory: 9 } as const;
const CATEGORY_BITS = 6;
/** No article, no category: no item holds so many looks that this place could be taken. */
const NONE = (1 << CATEGORY_BITS) - 1;
const SECOND = 1000;
const TIME_BYTES = 4;
/** No article and no category has a line break in it. */
const SEPARATOR = '\n';

interface StoredBrowsing {
  readonly format: number;
  readonly version: number;
  readonly looks: Uint8Array;
  readonly articles: string;
  readonly categories: string;
  /** Seconds (4 bytes each): of the first look, then of the first views. */
  readonly first: Uint8Array;
  readonly dropped?: boolean;
}

function placeIn(names: readonly string[], name: string | undefined): number {
  return name === undefined ? NONE : names.indexOf(name);
}

function packedTimes(times: readonly Instant[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(times.length * TIME_BYTES));
  for (const [index, at] of times.entries()) bytes.setUint32(index * TIME_BYTES, at / SECOND);
  return new Uint8Array(bytes.buffer);
}

function unpackedTimes({ buffer, byteOffset, byteLength }: Uint8Array): readonly Instant[] {
  const bytes = new DataView(buffer, byteOffset, byteLength);
  return Array.from({ length: byteLength / TIME_BYTES }, (_, index) => bytes.getUint32(index * TIME_BYTES) * SECOND);
}

export function toBrowsingItem(customerId: string, { browsing, version }: StoredLooks): Item {
  const { looks, first, dropped } = browsing;
  const articles = [...new Set(looks.flatMap(({ sku }) => sku ?? []))];
  const categories = [...new Set(looks.flatMap(({ category }) => category ?? []))];
  const bytes = new DataView(new ArrayBuffer(looks.length * LOOK_BYTES));
  for (const [index, { at, id, kind, sku, category }] of looks.entries()) {
    const offset = index * LOOK_BYTES;
    bytes.setUint32(offset + PLACE.seconds, at / SECOND);
    bytes.setUint32(offset + PLACE.id, id);
    bytes.setUint8(offset + PLACE.sku, placeIn(articles, sku));
    bytes.setUint8(
      offset + PLACE.kindAndCategory,
      (LOOK_KINDS.indexOf(kind) << CATEGORY_BITS) | placeIn(categories, category),
    );
  }
  const expires = forgottenAt(browsing);
  const stored: StoredBrowsing = {
    format: FORMAT,
    version,
    looks: new Uint8Array(bytes.buffer),
    articles: articles.join(SEPARATOR),
    categories: categories.join(SEPARATOR),
    first: first ? packedTimes([first.at, ...first.views]) : new Uint8Array(),
    ...(dropped && { dropped }),
  };
  return {
    ...keyOf(partitionOf(customerId), BROWSING_KEY),
    ...marshall({ ...stored, ...(expires !== undefined && { [TABLE.expiresAt]: Math.ceil(expires / SECOND) }) }),
  };
}

/**
 * The inverse of {@link toBrowsingItem}.
 *
 * @throws UnreadableItem for a format this code does not know
 */
export function fromBrowsingItem(item: Item): StoredLooks {
  // Only `toBrowsingItem` writes these items, and the format says which version of it: they are ours, not foreign data.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const stored = unmarshall(item) as StoredBrowsing;
  if (stored.format !== FORMAT) throw new UnreadableItem(`looks of format ${stored.format}, expected ${FORMAT}`);
  const { version, looks: packed, dropped } = stored;
  const articles = stored.articles.split(SEPARATOR);
  const categories = stored.categories.split(SEPARATOR);
  const bytes = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const looks = Array.from({ length: packed.byteLength / LOOK_BYTES }, (_, index): Look => {
    const offset = index * LOOK_BYTES;
    const kindAndCategory = bytes.getUint8(offset + PLACE.kindAndCategory);
    const sku = bytes.getUint8(offset + PLACE.sku);
    const category = kindAndCategory & NONE;
    const article = sku === NONE ? undefined : articles[sku];
    const group = category === NONE ? undefined : categories[category];
    return {
      at: bytes.getUint32(offset + PLACE.seconds) * SECOND,
      id: bytes.getUint32(offset + PLACE.id),
      kind: LOOK_KINDS[kindAndCategory >> CATEGORY_BITS] ?? 'product',
      ...(article !== undefined && { sku: article }),
      ...(group !== undefined && { category: group }),
    };
  });
  const [firstAt, ...views] = unpackedTimes(stored.first);
  const first = firstAt === undefined ? {} : { first: { at: firstAt, views } };
  return { browsing: { looks, ...first, ...(dropped && { dropped }) }, version };
}
