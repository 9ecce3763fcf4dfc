/**
 * MBG/NBD (Batislam, Denizel and Filiztekin 2007, "Empirical validation and comparison of models for customer base
 * analysis"): a customer may leave after every order, the first one included. What the cadence rule `mbg` is made of.
 */
import { alive, logLikelihood, type MbgParameters, pauses, type Repeats } from './beta-geometric.ts';

export type { MbgParameters, Repeats } from './beta-geometric.ts';

/** P(alive), 0 to 1: 1 / (1 + a/(b + x) ((alpha + T)/(alpha + tx))^(r + x)). */
export function aliveMbg(parameters: MbgParameters, customer: Repeats): number {
  return alive(parameters, customer, customer.x + 1);
}

/**
 * P0, 0 to 1: the probability of no order in the next `weeks` (0 or more), because the customer has left or pauses for
 * as long: 1 - P(alive) (1 - ((alpha + T)/(alpha + T + weeks))^(r + x)).
 *
 * It grows with silence: as T grows at the same x and tx, (alpha + T)/(alpha + tx) grows, so P(alive) falls, and the
 * pause becomes likelier; both factors of the product fall.
 */
export function noOrderWithin(parameters: MbgParameters, customer: Repeats, weeks: number): number {
  return 1 - aliveMbg(parameters, customer) * (1 - pauses(parameters, customer, weeks));
}

/** The natural logarithm of the likelihood of one customer. */
export function logLikelihoodMbg(parameters: MbgParameters, customer: Repeats): number {
  return logLikelihood(parameters, customer, customer.x + 1);
}

/**
 * T in weeks at which P(alive) has fallen to `c`, above 0 and below 1: (alpha + tx) ((1/c - 1)(b + x)/a)^(1/(r + x)) -
 * alpha. Less than `tx` when it is that low at the last order already.
 */
export function aliveUntil({ r, alpha, a, b }: MbgParameters, { x, tx }: Omit<Repeats, 'T'>, c: number): number {
  return (alpha + tx) * (((1 / c - 1) * (b + x)) / a) ** (1 / (r + x)) - alpha;
}

/** Each is four powers; a third would cost more than the halvings it saves. */
const ROUNDS = 2;

/**
 * Bounds in closed form of the T, in weeks and at least `tx`, from which on P0 is `above` or more. At that T, P(alive) is
 * (1 - above)/(1 - pause), and a bound of T bounds the pause: the lower one from below, which gives an upper one of T,
 * and the other way round. P0 is never below the pause, which alone gives an upper one even if nobody ever leaves.
 *
 * @param above above 0 and below 1
 * @param weeks the weeks without an order, above 0
 */
export function boundsOfNoOrder(
  parameters: MbgParameters,
  { x, tx }: Omit<Repeats, 'T'>,
  weeks: number,
  above: number,
): { readonly least: number; readonly most: number } {
  const { r, alpha } = parameters;
  const lnPause = Math.log(above) / (r + x);
  let least = tx;
  let most = Math.max(tx, (weeks * Math.exp(lnPause)) / -Math.expm1(lnPause) - alpha);
  for (let round = 0; round < ROUNDS; round += 1) {
    const aliveAtMost = (1 - above) / (1 - pauses(parameters, { x, T: least }, weeks));
    if (aliveAtMost >= 1) return { least, most: least };
    most = Math.min(most, Math.max(least, aliveUntil(parameters, { x, tx }, aliveAtMost)));
    const aliveAtLeast = (1 - above) / (1 - pauses(parameters, { x, T: most }, weeks));
    if (aliveAtLeast < 1) least = Math.min(most, Math.max(least, aliveUntil(parameters, { x, tx }, aliveAtLeast)));
  }
  return { least, most };
}
