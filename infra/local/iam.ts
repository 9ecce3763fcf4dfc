/**
 * Decides, as IAM does, whether a policy lets a caller do something: an explicit deny wins, then any allow, else no.
 * A policy element, operator or condition key that is not emulated throws when the policy is read, never at a call.
 */
import { z } from 'zod';
import { DeploymentRefused } from './errors.ts';

/** What a call is about; `context` holds the condition keys that apply to it. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** The smallest part of a policy: one action on one resource, as a statement names them. */
export interface Grant {
  /** Stack and logical id of the policy. */
  readonly where: string;
  readonly action: string;
  readonly resource: string;
  /** Which of the policy's statements it is in, from 0. */
  readonly statement: number;
}

export interface Statement {
  readonly allow: boolean;
  readonly grants: readonly Grant[];
  /** Those of its grants that are about the request, where its conditions hold. */
  readonly matching: (request: AccessRequest) => readonly Grant[];
  readonly principal: (principal: Principal) => boolean;
}

/** Who calls: an AWS service such as `events.amazonaws.com`, or a role. */
export interface Principal {
  readonly kind: 'Service' | 'AWS';
  readonly name: string;
}

const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
/** CloudFormation gives booleans and numbers in conditions as they come. */
const operand = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
  Action: oneOrMore,
  Resource: oneOrMore.optional(),
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([operand.transform((one) => [one]), z.array(operand)])))
    .optional(),
});
const policySchema = z.object({
  Version: z.literal('2012-10-17'),
  Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema)]),
});

/** Condition keys for which calls carry a value; any other key would silently never match. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'aws:securetransport',
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:principalarn',
  'ses:fromaddress',
  'ses:fromdisplayname',
  'ses:recipients',
  'dynamodb:leadingkeys',
  'lambda:functionurlauthtype',
  'lambda:invokedviafunctionurl',
  'events:source',
  'events:detail-type',
]);

type Comparison = (actual: string, expected: string) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: (actual, expected) => actual === expected,
  StringEqualsIgnoreCase: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
  StringLike: (actual, expected) => glob(expected)(actual),
  ArnEquals: (actual, expected) => glob(expected)(actual),
  ArnLike: (actual, expected) => glob(expected)(actual),
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
};

/** Negated operators match when no operand does, also when the key is absent. */
const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

const globs = new Map<string, (text: string) => boolean>();

/** IAM's wildcards: `*` any characters, `?` one. */
function glob(pattern: string): (text: string) => boolean {
  const known = globs.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const expression = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  const match = (text: string): boolean => expression.test(text);
  globs.set(pattern, match);
  return match;
}

type Condition = (request: AccessRequest) => boolean;

function conditionOf(operator: string, key: string, expected: readonly string[], where: string): Condition {
  const [, quantifier, bare = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const negated = NEGATIONS[bare];
  const compare = COMPARISONS[negated ?? bare];
  if (compare === undefined) throw new DeploymentRefused(`${where}: condition operator ${operator} is not emulated`);
  const name = key.toLowerCase();
  if (!KNOWN_KEYS.has(name)) throw new DeploymentRefused(`${where}: condition key ${key} is not emulated`);
  const one = (actual: string): boolean =>
    expected.some((operandOf) => compare(actual, operandOf)) === (negated === undefined);
  return ({ context = {} }) => {
    const found = Object.entries(context).find(([candidate]) => candidate.toLowerCase() === name)?.[1];
    if (found === undefined) return ifExists !== undefined || negated !== undefined || quantifier === 'ForAllValues';
    const values = typeof found === 'string' ? [found] : found;
    return quantifier === 'ForAnyValue' || quantifier === undefined ? values.some(one) : values.every(one);
  };
}

/** @throws DeploymentRefused for anything that is not emulated; `where` names the policy in the message */
export function readPolicy(document: unknown, where: string): readonly Statement[] {
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) throw new DeploymentRefused(`${where}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.Statement.map((statement, index) => {
    const grants = statement.Action.flatMap((action) =>
      (statement.Resource ?? ['*']).map((resource): Grant => ({ where, action, resource, statement: index })),
    );
    const matchers = grants.map((grant) => ({
      grant,
      action: glob(grant.action.toLowerCase()),
      resource: glob(grant.resource),
    }));
    const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, expected]) => conditionOf(operator, key, expected, where)),
    );
    const principals = statement.Principal;
    return {
      allow: statement.Effect === 'Allow',
      grants,
      matching: (request) => {
        const name = request.action.toLowerCase();
        const found = matchers.filter(({ action, resource }) => action(name) && resource(request.resource));
        return found.length > 0 && conditions.every((holds) => holds(request)) ? found.map(({ grant }) => grant) : [];
      },
      principal: ({ kind, name }) =>
        principals === undefined ||
        principals === '*' ||
        (principals[kind] ?? []).some((candidate) => candidate === '*' || candidate === name),
    };
  });
}

export type Verdict = 'allowed' | 'denied explicitly' | 'not allowed';

/**
 * Statements of a role, or those of a resource's policy narrowed to `principal`.
 *
 * @param holds whether a grant that fits the request is to count, and the place to hear of it; all count when left out
 */
export function decide(
  statements: readonly Statement[],
  request: AccessRequest,
  principal?: Principal,
  holds: (grant: Grant) => boolean = () => true,
): Verdict {
  let verdict: Verdict = 'not allowed';
  for (const statement of statements) {
    if (principal !== undefined && !statement.principal(principal)) continue;
    const matching = statement.matching(request);
    if (matching.length === 0) continue;
    if (!statement.allow) return 'denied explicitly';
    if (matching.filter(holds).length > 0) verdict = 'allowed';
  }
  return verdict;
}
