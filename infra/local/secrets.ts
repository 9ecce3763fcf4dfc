/**
 * Secrets Manager, as far as reading and rotating a secret goes. A generated value is the same in every run with the
 * same seed, and once kept in a data directory it never changes except by PutSecretValue.
 */
import { z } from 'zod';
import { ServiceError } from './errors.ts';
import type { AccessRequest } from './iam.ts';
import type { Journal } from './journal.ts';
import type { Origin } from './origin.ts';
import { type Chance, chanceOf } from './random.ts';

/** How CloudFormation is told to make a value up; the names are those of the template. */
export const generateSchema = z.strictObject({
  PasswordLength: z.number().int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
});

export interface SecretDefinition {
  readonly name: string;
  readonly arn: string;
  readonly value: string | z.infer<typeof generateSchema>;
}

const versionSchema = z.object({ id: z.string(), value: z.string(), createdAt: z.number() });
/** The version AWSCURRENT stands for, and AWSPREVIOUS once there is one. */
const keptSchema = z.object({ current: versionSchema, previous: versionSchema.optional() });
type Version = z.infer<typeof versionSchema>;
type Kept = z.infer<typeof keptSchema>;

const secretId = z.object({ SecretId: z.string() });
const getSchema = secretId.extend({ VersionId: z.string().optional(), VersionStage: z.string().optional() });
const putSchema = secretId.extend({
  SecretString: z.string().min(1).max(65_536),
  ClientRequestToken: z.string().min(32).max(64).optional(),
  VersionStages: z.tuple([z.literal('AWSCURRENT')]).optional(),
});

const SECOND = 1000;
const NOT_FOUND = "Secrets Manager can't find the specified secret";
const KINDS = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
} as const;
/** The service adds a hyphen and six characters to the name of a secret to make its ARN. */
const ARN_SUFFIX = /-[A-Za-z0-9]{6}$/;

export class Secrets {
  readonly #definitions: readonly SecretDefinition[];
  readonly #journal: Journal;
  readonly #arnPrefix: string;
  readonly #kept = new Map<string, Kept>();

  /** @param arnPrefix what comes before the name in an ARN of this account and region */
  constructor(definitions: readonly SecretDefinition[], arnPrefix: string, journal: Journal) {
    this.#definitions = definitions;
    this.#arnPrefix = arnPrefix;
    this.#journal = journal;
  }

  /** Takes back what an earlier process left and makes up what is new. */
  async restore(seed: number | string, now: number): Promise<void> {
    for (const [name, kept] of await this.#journal.read('secret/')) this.#kept.set(name, keptSchema.parse(kept));
    for (const { name, value } of this.#definitions) {
      if (this.#kept.has(name)) continue;
      const chance = chanceOf(seed, 'secret', name);
      const text = typeof value === 'string' ? value : generate(value, chance);
      this.#keep(name, { current: { id: versionId(chance), value: text, createdAt: now } });
    }
  }

  accessOf(operation: string, data: unknown): AccessRequest[] {
    const action = `secretsmanager:${operation}`;
    const named = secretId.safeParse(data);
    if (!named.success) return [{ action, resource: '*' }];
    const { SecretId } = named.data;
    const resource = this.#definitionOf(SecretId)?.arn ?? `${this.#arnPrefix}${SecretId}`;
    return [{ action, resource }];
  }

  call(operation: string, data: unknown, now: number, origin: Origin): unknown {
    switch (operation) {
      case 'GetSecretValue':
        return this.#get(parse(getSchema, data));
      case 'PutSecretValue':
        return this.#put(parse(putSchema, data), now, origin);
      case 'DescribeSecret':
        return this.#describe(this.#found(parse(secretId, data).SecretId));
      case 'ListSecrets':
        return { SecretList: this.#definitions.map((definition) => this.#describe(definition)) };
      default:
        throw new ServiceError(
          400,
          'UnknownOperationException',
          `the local twin does not emulate secretsmanager:${operation}`,
        );
    }
  }

  #get({ SecretId, VersionId, VersionStage }: z.infer<typeof getSchema>) {
    const { name, arn } = this.#found(SecretId);
    const stage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
    const found = this.#stages(name).find(
      ([label, version]) => (stage ?? label) === label && (VersionId ?? version.id) === version.id,
    );
    if (found === undefined) {
      const what = stage === undefined ? `VersionId: ${VersionId}` : `staging label: ${stage}`;
      throw new ServiceError(400, 'ResourceNotFoundException', `${NOT_FOUND} value for ${what}`);
    }
    const [label, { id, value, createdAt }] = found;
    return {
      ARN: arn,
      Name: name,
      VersionId: id,
      SecretString: value,
      VersionStages: [label],
      CreatedDate: createdAt / SECOND,
    };
  }

  /** The token makes a repeated call the same call, so that a retry does not push out the version before. */
  #put({ SecretId, SecretString, ClientRequestToken }: z.infer<typeof putSchema>, now: number, origin: Origin) {
    const { name, arn } = this.#found(SecretId);
    const id = ClientRequestToken ?? origin.nextId();
    const same = this.#stages(name).find(([, version]) => version.id === id);
    if (same !== undefined && same[1].value !== SecretString)
      throw new ServiceError(400, 'ResourceExistsException', `The version ${id} exists with another value.`);
    if (same === undefined) {
      const previous = this.#kept.get(name)?.current;
      this.#keep(name, { current: { id, value: SecretString, createdAt: now }, ...(previous && { previous }) });
    }
    return { ARN: arn, Name: name, VersionId: id, VersionStages: [same?.[0] ?? 'AWSCURRENT'] };
  }

  #describe({ name, arn }: SecretDefinition) {
    const versions = this.#stages(name);
    const dates = versions.map(([, { createdAt }]) => createdAt / SECOND);
    return {
      ARN: arn,
      Name: name,
      CreatedDate: Math.min(...dates),
      LastChangedDate: Math.max(...dates),
      VersionIdsToStages: Object.fromEntries(versions.map(([label, { id }]) => [id, [label]])),
    };
  }

  #stages(name: string): readonly (readonly [label: string, version: Version])[] {
    const kept = this.#kept.get(name);
    if (kept === undefined) return [];
    const current = ['AWSCURRENT', kept.current] as const;
    return kept.previous === undefined ? [current] : [current, ['AWSPREVIOUS', kept.previous]];
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.set(name, kept);
    this.#journal.put(`secret/${name}`, kept);
  }

  #found(id: string): SecretDefinition {
    const definition = this.#definitionOf(id);
    if (definition === undefined) throw new ServiceError(400, 'ResourceNotFoundException', `${NOT_FOUND}.`);
    return definition;
  }

  /** A secret goes by its name, its ARN, or its ARN without the suffix. */
  #definitionOf(id: string): SecretDefinition | undefined {
    return this.#definitions.find(({ name, arn }) => id === name || id === arn || id === arn.replace(ARN_SUFFIX, ''));
  }
}

function generate(how: z.infer<typeof generateSchema>, chance: Chance): string {
  const kinds = [
    how.ExcludeLowercase ? '' : KINDS.lower,
    how.ExcludeUppercase ? '' : KINDS.upper,
    how.ExcludeNumbers ? '' : KINDS.digits,
    how.ExcludePunctuation ? '' : KINDS.punctuation,
    how.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => kind.split('').filter((character) => !how.ExcludeCharacters.includes(character)))
    .filter((kind) => kind.length > 0);
  const alphabet = kinds.flat();
  for (;;) {
    const text = Array.from({ length: how.PasswordLength }, () => chance.pick(alphabet));
    const complete = kinds.every((kind) => kind.some((character) => text.includes(character)));
    // What is too short for all kinds can never hold them.
    if (complete || !how.RequireEachIncludedType || how.PasswordLength < kinds.length) return text.join('');
  }
}

function versionId(chance: Chance): string {
  const hex = Array.from({ length: 32 }, () => chance.between(0, 15).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function parse<T extends z.ZodType>(schema: T, data: unknown): z.infer<T> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  throw new ServiceError(400, 'InvalidParameterException', z.prettifyError(read.error), read.error);
}
