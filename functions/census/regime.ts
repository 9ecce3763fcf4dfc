/** Whom the sender mails and whom it does not, as the census is told; a wrong value stops the cold start. */
import type { EnvironmentOf } from '../../shared/contracts/environment.ts';
import type { Regime } from '../../shared/lifecycle/census/holdout.ts';

/** A variable holds something the function cannot work with. */
class InvalidRegime extends Error {
  override readonly name = 'InvalidRegime';
}

/** @throws InvalidRegime when the share is none */
export function regimeOf({ SENDING, HOLDOUT_SHARE, HOLDOUT_SALT }: EnvironmentOf<'census'>): Regime {
  const share = Number(HOLDOUT_SHARE);
  if (!(share >= 0 && share <= 1)) throw new InvalidRegime('HOLDOUT_SHARE: expected a number from 0 to 1');
  return { holdout: { share, salt: HOLDOUT_SALT }, isLive: SENDING === 'live' };
}
