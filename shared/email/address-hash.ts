/** How a mail address is named in keys: by a keyed hash, which nobody without the key can turn back by trying. */
import { createHmac } from 'node:crypto';

/** 96 bits: among a billion addresses two share a hash with a probability of 1 in 10^11. */
const CHARACTERS = 16;

/**
 * The hash of an address. Upper case and surrounding blanks make no difference: hardly a mail server tells them apart,
 * and whoever said "no more" means all spellings.
 *
 * @param key the deployment's address secret; it never changes, or every suppression would be forgotten
 * @returns 16 characters of base64url
 */
export function addressHash(key: string, address: string): string {
  const normalised = address.trim().toLowerCase();
  return createHmac('sha256', key).update(normalised).digest('base64url').slice(0, CHARACTERS);
}
