/**
 * BG/NBD (Fader, Hardie and Lee 2005, "'Counting your customers' the easy way"): a customer may leave after every
 * repeat order, so whoever bought once is never taken for lost. The published reference our arithmetic is checked
 * against; no cadence rule uses it.
 */
import { alive, logLikelihood, type MbgParameters, pauses, type Repeats } from './beta-geometric.ts';

/** P(alive), 0 to 1; 1 for whoever bought once. */
export function aliveBg(parameters: MbgParameters, customer: Repeats): number {
  return alive(parameters, customer, customer.x);
}

/** P0, 0 to 1: the probability of no order in the next `weeks`, 0 or more. */
export function noOrderWithinBg(parameters: MbgParameters, customer: Repeats, weeks: number): number {
  return 1 - aliveBg(parameters, customer) * (1 - pauses(parameters, customer, weeks));
}

/** The natural logarithm of the likelihood of one customer. */
export function logLikelihoodBg(parameters: MbgParameters, customer: Repeats): number {
  return logLikelihood(parameters, customer, customer.x);
}
