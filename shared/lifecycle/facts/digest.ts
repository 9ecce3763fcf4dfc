/**
 * Six-character digests of business ids that have left a ring, kept in one string.
 * A hit may be a coincidence (1 in 69 billion per pair), so a hit only ever leads to a rebuild from the journal, which
 * compares the ids themselves.
 */

const LENGTH = 6;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A 32-bit hash after FNV-1a (Fowler, Noll, Vo) with a final avalanche; stable for ever, since it is stored. */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const UINT32 = 2 ** 32;

/**
 * Whether a text belongs to a part of all texts, the same one for ever; a larger part holds all of a smaller one.
 *
 * @param share from 0, none, to 1, all
 */
export function isInShare(text: string, share: number): boolean {
  return hash32(text) / UINT32 < share;
}

/** So many bytes of an id fit into a message key beside everything else; ids of events and customers always do. */
const LONGEST_ID = 128;

/** An id that is made of others may be too long for a key, and so may one that something is added to. */
export function fitting(id: string, more = 0): string {
  return new TextEncoder().encode(id).length + more <= LONGEST_ID ? id : inShort(id);
}

/** Two hashes instead of an id: nobody reads it back. */
export function inShort(id: string): string {
  return `${hash32(id).toString(36)}-${hash32(id, id.length).toString(36)}`;
}

function digest(id: string): string {
  let high = hash32(id);
  let low = hash32(id, 0x9dc5811c);
  let text = '';
  for (let index = 0; index < LENGTH / 2; index += 1) {
    text += ALPHABET.charAt(high & 63) + ALPHABET.charAt(low & 63);
    high >>>= 6;
    low >>>= 6;
  }
  return text;
}

export function addDigest(digests: string, id: string): string {
  return digests + digest(id);
}

/** How many ids are in it. */
export function countDigests(digests: string): number {
  return digests.length / LENGTH;
}

export function hasDigest(digests: string, id: string): boolean {
  const wanted = digest(id);
  for (let at = digests.indexOf(wanted); at !== -1; at = digests.indexOf(wanted, at + 1)) {
    if (at % LENGTH === 0) return true;
  }
  return false;
}
