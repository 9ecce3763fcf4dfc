/**
 * Where a code stands among those of its offer, and where a claimant begins to look for one: both by hash, so that
 * claimants who come at the same time do not all want the same code.
 */
import { createHash } from 'node:crypto';

/** 32 bits: more places than any shop has codes. */
const CHARACTERS = 8;

function placeOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CHARACTERS);
}

/** The place of a code, which names it, too: no two codes share one. */
export function placeOfCode(code: string): string {
  return `${placeOf(code)}#${code}`;
}

/** Places at or after this come first for the claimant, the others after them. */
export function firstPlaceFor(claimant: string): string {
  return placeOf(claimant);
}
