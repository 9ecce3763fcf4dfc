/**
 * The twin's clock. In virtual time it stands still until it is moved; once live it is the wall clock for good.
 * Functions read the same eight bytes, so no thread ever sees another time.
 */
export class Clock {
  /** One float64: the instant at which time stands, or NaN when it runs with the wall clock. */
  readonly shared = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  readonly #standing = new Float64Array(this.shared);

  /** @param start epoch milliseconds of virtual time; without it the clock is live from the beginning */
  constructor(start?: number) {
    this.#standing[0] = start ?? Number.NaN;
  }

  now(): number {
    const standing = this.#standing[0] ?? Number.NaN;
    return Number.isNaN(standing) ? Date.now() : standing;
  }

  get live(): boolean {
    return Number.isNaN(this.#standing[0]);
  }

  /** Moves virtual time. @throws RangeError when time is live or would run backwards */
  moveTo(instant: number): void {
    if (this.live) throw new RangeError('the clock is live and cannot be moved');
    if (instant < this.now()) throw new RangeError(`time runs forwards: ${instant} is before ${this.now()}`);
    this.#standing[0] = instant;
  }

  goLive(): void {
    this.#standing[0] = Number.NaN;
  }
}
