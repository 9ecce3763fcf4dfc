/** Why a request to the intake is refused: nothing of it is taken, and its sender is told what to change. */

/** An event of a request that would break its contract. No value of it is repeated. */
export interface BrokenEvent {
  /** Position in the request, from 0. */
  readonly index: number;
  /** As far as the event has one. */
  readonly id: string | undefined;
  readonly 'detail-type': string | undefined;
  /** A path such as `data.items[0].price` below the detail, or a part of the event itself. */
  readonly field: string;
  readonly expected: string;
}

export type Refusal =
  | { readonly kind: 'method-not-allowed' }
  | { readonly kind: 'unsupported-type' }
  | { readonly kind: 'too-large'; readonly limit: string }
  /** A header is missing, or is none of the scheme. */
  | { readonly kind: 'unsigned'; readonly header: string; readonly expected: string }
  /** Signed too long ago, or in times to come. */
  | { readonly kind: 'expired'; readonly toleranceSeconds: number }
  /** `isGarbled`: the body holds what stands where something could not be read as UTF-8, and so not what was signed. */
  | { readonly kind: 'forged'; readonly isGarbled: boolean }
  /** More requests than get in at a time. */
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }
  /** Taken already, with this very signature or a later one. */
  | { readonly kind: 'already-taken'; readonly ids: readonly (string | null)[] }
  /** The id of a request that was taken, and another content. */
  | { readonly kind: 'id-reused' }
  | { readonly kind: 'malformed'; readonly expected: string }
  | { readonly kind: 'broken-events'; readonly of: number; readonly events: readonly BrokenEvent[] };

/**
 * Whether somebody who holds a key, or says so, did not get in with what is news to us. Not so what any scanner of the
 * internet is answered, which has no signature at all, nor a repetition of what was taken.
 */
export function isTrouble({ kind }: Refusal): boolean {
  switch (kind) {
    case 'method-not-allowed':
    case 'unsupported-type':
    case 'unsigned':
    case 'already-taken':
      return false;
    case 'too-large':
    case 'expired':
    case 'forged':
    case 'too-many':
    case 'id-reused':
    case 'malformed':
    case 'broken-events':
      return true;
    default:
      return kind satisfies never;
  }
}
