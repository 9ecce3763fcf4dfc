/**
 * Who may do what while the deployment runs: policies as the template has them, less what a fault takes away. A plan of
 * faults hears of every grant that is needed, so that it can find those that never are.
 */
import type { FaultPlan } from './faults.ts';
import { type AccessRequest, decide, type Principal, type Statement, type Verdict } from './iam.ts';
import type { Role } from './runtime.ts';

export class Rights {
  readonly #plan: () => FaultPlan | undefined;

  constructor(plan: () => FaultPlan | undefined) {
    this.#plan = plan;
  }

  /** What a policy says about a request; of a resource's policy what it says to `principal`. */
  decide(statements: readonly Statement[], request: AccessRequest, principal?: Principal): Verdict {
    return decide(statements, request, principal, (grant) => this.#plan()?.withholds?.(grant) !== true);
  }

  /** Whether the Lambda service may do this on behalf of a function. */
  allows({ statements, arn }: Role, action: string, resource: string): boolean {
    const context = { 'aws:SecureTransport': 'true', 'aws:PrincipalArn': arn };
    return this.decide(statements, { action, resource, context }) === 'allowed';
  }
}
