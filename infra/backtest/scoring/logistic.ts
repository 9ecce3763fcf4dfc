/**
 * Logistic regression, the yardstick: how much a model tuned to this shop's outcomes would add. Newton's method on a
 * ridged likelihood is strictly convex, has six coefficients and ends in a handful of steps; a library would bring
 * a matrix package for forty lines.
 */

/** Columns of the same length, unscaled; NaN where a value is unknown. */
export type Features = readonly Float64Array[];

interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

export interface Logistic {
  readonly scales: readonly Scale[];
  /** The intercept, then one per column, on standardised values. */
  readonly coefficients: Float64Array;
}

/** Weight of the squared coefficients in the likelihood: that of one person, so collinear columns share instead of exploding. */
const RIDGE = 1;
/** Newton's method doubles the digits at each step; it is given up on after so many. */
const MOST_STEPS = 50;
/** Steps smaller than this change no probability that anybody reads. */
const SMALLEST_STEP = 1e-9;
/** A column that varies less than this says nothing. */
const LEAST_DEVIATION = 1e-12;

function scaleOf(column: Float64Array): Scale {
  const known = column.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, known.length)) };
}

/** A value in standard deviations; what is unknown, or the same for everybody, is nothing out of the ordinary. */
function standardised(value: number, { mean, deviation }: Scale): number {
  return Number.isNaN(value) || deviation < LEAST_DEVIATION ? 0 : (value - mean) / deviation;
}

/** A person's row: 1 for the intercept, then the standardised values. Written into `row`. */
function fillRow(row: Float64Array, features: Features, scales: readonly Scale[], person: number): void {
  row[0] = 1;
  features.forEach((column, index) => {
    row[index + 1] = standardised(column[person] ?? Number.NaN, scales[index] ?? { mean: 0, deviation: 0 });
  });
}

function probability(row: Float64Array, coefficients: Float64Array): number {
  return 1 / (1 + Math.exp(-row.reduce((sum, value, index) => sum + value * (coefficients[index] ?? 0), 0)));
}

/** Solves a symmetric, positive definite system in place, by Cholesky's decomposition. `matrix` is row by row. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const at = (row: number, column: number) => matrix[row * size + column] ?? 0;
  for (let column = 0; column < size; column += 1) {
    for (let row = column; row < size; row += 1) {
      let sum = at(row, column);
      for (let k = 0; k < column; k += 1) sum -= at(row, k) * at(column, k);
      matrix[row * size + column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row += 1) {
    let sum = solution[row] ?? 0;
    for (let k = 0; k < row; k += 1) sum -= at(row, k) * (solution[k] ?? 0);
    solution[row] = sum / at(row, row);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = solution[row] ?? 0;
    for (let k = row + 1; k < size; k += 1) sum -= at(k, row) * (solution[k] ?? 0);
    solution[row] = sum / at(row, row);
  }
  return solution;
}

/**
 * Fits the probability that somebody stays silent.
 *
 * @param silent 1 for whoever stayed silent
 */
export function fitLogistic(features: Features, silent: Uint8Array): Logistic {
  const scales = features.map(scaleOf);
  const size = features.length + 1;
  const row = new Float64Array(size);
  const coefficients = new Float64Array(size);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const hessian = new Float64Array(size * size);
    const gradient = new Float64Array(size);
    for (let person = 0; person < silent.length; person += 1) {
      fillRow(row, features, scales, person);
      const p = probability(row, coefficients);
      const residual = (silent[person] ?? 0) - p;
      const weight = p * (1 - p);
      for (let i = 0; i < size; i += 1) {
        const value = row[i] ?? 0;
        gradient[i] = (gradient[i] ?? 0) + residual * value;
        for (let j = 0; j <= i; j += 1) {
          hessian[i * size + j] = (hessian[i * size + j] ?? 0) + weight * value * (row[j] ?? 0);
        }
      }
    }
    for (let i = 0; i < size; i += 1) {
      // The intercept is ridged, too: where everybody did the same it would otherwise have no end.
      gradient[i] = (gradient[i] ?? 0) - RIDGE * (coefficients[i] ?? 0);
      hessian[i * size + i] = (hessian[i * size + i] ?? 0) + RIDGE;
    }
    const move = solve(hessian, gradient);
    const longest = Math.max(...move.map(Math.abs));
    // A long step would overshoot where the curve is flat; one coefficient moves by a standard deviation at most.
    const share = Math.min(1, 1 / longest);
    move.forEach((each, index) => (coefficients[index] = (coefficients[index] ?? 0) + share * each));
    if (longest < SMALLEST_STEP) break;
  }
  return { scales, coefficients };
}

/** The probability that each person stays silent, 0 to 1. */
export function predictLogistic({ scales, coefficients }: Logistic, features: Features): Float64Array {
  const row = new Float64Array(features.length + 1);
  return Float64Array.from({ length: features[0]?.length ?? 0 }, (_, person) => {
    fillRow(row, features, scales, person);
    return probability(row, coefficients);
  });
}
