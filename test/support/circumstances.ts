/** Circumstances in which nothing stands in the way of a mail. */
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';

/** Nobody is held out, nothing has been improved; every benefit is still to be reached, and there is all to read. */
export const OPEN: Circumstances = {
  holdout: { share: 0, salt: 's' },
  improvements: [],
  benefits: [Number.MAX_SAFE_INTEGER],
  hasContent: () => true,
  hasOptions: () => true,
};
