/**
 * The code and the id of an offer, and the name under which its message claims them: all made from the message with a key
 * of the deployment, so that whoever repeats the work makes the same ones, and nobody else can guess them.
 */
import { createHmac } from 'node:crypto';

/** Set before what is hashed, so that a hash made with this key for anything else is no code. */
const PURPOSE = 'perennial offer 1';

/** No letter looks like a digit or like another one, and without vowels no code is a word. */
const ALPHABET = '23456789BCDFGHJKLMNPQRSTVWXYZ';
/** 48 bits: among a million codes a guess hits one with a probability of 1 in 10^8. */
const CODE_LENGTH = 10;
/** 97 bits. */
const ID_LENGTH = 20;
/** 96 bits, as for addresses. */
const CLAIMANT_LENGTH = 16;

function digestOf(secret: string, what: string, customerId: string, key: string): Buffer {
  // No identifier holds a line break.
  return createHmac('sha256', secret).update([PURPOSE, what, customerId, key].join('\n')).digest();
}

function inAlphabet(digest: Buffer, length: number): string {
  return [...digest.subarray(0, length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** The code of an announced offer: 10 letters and digits in capitals. */
export function codeOf(secret: string, customerId: string, key: string): string {
  return inAlphabet(digestOf(secret, 'code', customerId, key), CODE_LENGTH);
}

/** What the shop calls an offer by when it confirms it: `o-` and 20 letters and digits. */
export function offerIdOf(secret: string, customerId: string, key: string): string {
  return `o-${inAlphabet(digestOf(secret, 'id', customerId, key), ID_LENGTH).toLowerCase()}`;
}

/** The message as the offer book knows it: without the secret it leads to no customer. */
export function claimantOf(secret: string, customerId: string, key: string): string {
  return digestOf(secret, 'claimant', customerId, key).toString('base64url').slice(0, CLAIMANT_LENGTH);
}
