/**
 * The least value of a smooth function of a few variables, by quasi-Newton steps: BFGS with a backtracking line search
 * (Nocedal and Wright, "Numerical Optimization", 2nd edition, algorithms 6.1 and 3.1).
 */

/** A function that returns its value at a point and writes its gradient there. */
export type Smooth = (point: readonly number[], gradient: number[]) => number;

/** Steps; four variables need about thirty. */
const MOST_STEPS = 200;
/** Halvings of one step until it counts as none. */
const MOST_HALVINGS = 40;
/** Share of the decrease promised by the slope that a step has to achieve (Armijo; the customary constant). */
const SUFFICIENT = 1e-4;

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, each, index) => sum + each * (b[index] ?? 0), 0);
}

function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => dot(row, vector));
}

function identity(size: number): number[][] {
  return Array.from({ length: size }, (_row, at) => Array.from({ length: size }, (_cell, on) => (at === on ? 1 : 0)));
}

/** The inverse of the curvature after a step `s` over which the gradient changed by `y` (equation 6.17). */
function updated(inverse: readonly (readonly number[])[], s: readonly number[], y: readonly number[]): number[][] {
  const sy = dot(s, y);
  const hy = times(inverse, y);
  const scale = (1 + dot(y, hy) / sy) / sy;
  return inverse.map((row, i) =>
    row.map((cell, j) => {
      const [si = 0, sj = 0, hyi = 0, hyj = 0] = [s[i], s[j], hy[i], hy[j]];
      return cell + scale * si * sj - (hyi * sj + si * hyj) / sy;
    }),
  );
}

/**
 * The point with the least value that is found downhill from `start`.
 *
 * @param flat it is the bottom where no component of the gradient is larger than this
 */
export function descend(of: Smooth, start: readonly number[], flat: number): { point: number[]; value: number } {
  let point = [...start];
  let gradient = start.map(() => 0);
  let value = of(point, gradient);
  let inverse = identity(start.length);
  for (let step = 0; step < MOST_STEPS && gradient.some((each) => Math.abs(each) > flat); step += 1) {
    let direction = times(inverse, gradient).map((each) => -each);
    if (dot(direction, gradient) >= 0) {
      inverse = identity(start.length);
      direction = gradient.map((each) => -each);
    }
    const slope = dot(direction, gradient);
    let length = 1;
    let next: number[] = [];
    let nextGradient: number[] = [];
    let nextValue = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < MOST_HALVINGS; halving += 1, length /= 2) {
      next = point.map((each, index) => each + length * (direction[index] ?? 0));
      nextGradient = start.map(() => 0);
      nextValue = of(next, nextGradient);
      if (nextValue <= value + SUFFICIENT * length * slope) break;
    }
    // Not lower however short the step: the bottom, as far as rounding lets it be seen.
    if (!(nextValue < value)) break;
    const s = next.map((each, index) => each - (point[index] ?? 0));
    const y = nextGradient.map((each, index) => each - (gradient[index] ?? 0));
    if (dot(s, y) > 0) inverse = updated(inverse, s, y);
    point = next;
    gradient = nextGradient;
    value = nextValue;
  }
  return { point, value };
}
