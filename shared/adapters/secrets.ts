/**
 * The deployment's keys, from Secrets Manager. Each is fetched when it is first needed and kept for some minutes, so a
 * rotation is picked up without a deployment.
 */
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type Duration, type Instant, MINUTE } from '../lifecycle/time.ts';

/** Two keys are valid while a rotation is under way: the current one signs, both verify. */
export interface SigningKeys {
  readonly current: string;
  readonly previous?: string;
}

export interface Secrets {
  /** The key of the address hashes. */
  addressKey(secretId: string): Promise<string>;
  /**
   * The keys of links in mails, or of requests to the intake.
   *
   * @param atMost how old the keys may be; left out, as old as any secret that is kept
   */
  signingKeys(secretId: string, atMost?: Duration): Promise<SigningKeys>;
}

/** A secret exists but holds no text: the deployment is wrong. */
export class EmptySecret extends Error {
  override readonly name = 'EmptySecret';
}

type VersionStage = 'AWSCURRENT' | 'AWSPREVIOUS';

/** A key that was replaced goes on signing for as long; both count meanwhile. Each look costs. */
const KEPT: Duration = 15 * MINUTE;

/** How old keys may be that do not fit a signature: it may have been made with one that is newer still. */
export const RECENT_KEYS: Duration = 10_000;

interface Fetched {
  readonly at: Instant;
  readonly value: Promise<string | undefined>;
}

class SecretsManager implements Secrets {
  readonly #client: SecretsManagerClient;
  readonly #fetched = new Map<string, Fetched>();

  constructor(client: SecretsManagerClient) {
    this.#client = client;
  }

  async addressKey(secretId: string): Promise<string> {
    return this.#current(secretId);
  }

  async signingKeys(secretId: string, atMost = KEPT): Promise<SigningKeys> {
    const both = [this.#current(secretId, atMost), this.#version(secretId, 'AWSPREVIOUS', atMost)] as const;
    // Both have to end first: a failure that is still on its way would be that of the next caller, too.
    await Promise.allSettled(both);
    const [current, previous] = await Promise.all(both);
    return { current, ...(previous !== undefined && { previous }) };
  }

  async #current(secretId: string, atMost = KEPT): Promise<string> {
    const value = await this.#version(secretId, 'AWSCURRENT', atMost);
    if (value === undefined) throw new EmptySecret('a secret the template names has no current value');
    return value;
  }

  #version(secretId: string, stage: VersionStage, atMost: Duration): Promise<string | undefined> {
    const name = `${stage} ${secretId}`;
    const known = this.#fetched.get(name);
    if (known !== undefined && Date.now() < known.at + atMost) return known.value;
    const value = this.#fetch(secretId, stage);
    this.#fetched.set(name, { at: Date.now(), value });
    // A failure is not kept: the next caller asks again.
    value.catch(() => this.#fetched.delete(name));
    return value;
  }

  async #fetch(secretId: string, stage: VersionStage): Promise<string | undefined> {
    try {
      const request = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
      return (await this.#client.send(request)).SecretString || undefined;
    } catch (cause) {
      // A secret that was never rotated has no previous version.
      if (cause instanceof ResourceNotFoundException && stage === 'AWSPREVIOUS') return undefined;
      throw cause;
    }
  }
}

/** Secrets Manager of this account and region. */
export function openSecrets(client = new SecretsManagerClient({})): Secrets {
  return new SecretsManager(client);
}
