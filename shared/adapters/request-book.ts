/**
 * Which requests to the intake have been taken, by their id, for as long as a repetition of one would be told, and how many
 * were let in of late. It spares the bus what it has had already; that nothing counts twice does not depend on it, for
 * events have ids of their own.
 */
import type { Instant } from '../lifecycle/time.ts';

/** A stretch of time that lets in so many requests, and no matter how many functions count together. */
export interface Window {
  /** Tells it from all others. */
  readonly number: number;
  readonly until: Instant;
  /** Requests it lets in. */
  readonly most: number;
}

export interface TakenRequest {
  readonly id: string;
  /** Tells the content from any other: requests of one id and another content are two requests. */
  readonly digest: string;
  /** The newest time a request of this id was signed with. */
  readonly signedAt: Instant;
  /** From then on it counts as forgotten, whether the store still has it or not. */
  readonly forgottenAt: Instant;
}

export interface RequestBook {
  /** As of now (a consistent read); undefined when there was none of that id, or it is forgotten. */
  read(id: string, now: Instant): Promise<TakenRequest | undefined>;
  /** Keeps a request, unless one of the same id that was signed later is kept already. */
  keep(request: TakenRequest): Promise<void>;
  /** Whether a window lets in so many requests more; they count as let in then. */
  letIn(window: Window, count: number): Promise<boolean>;
}
