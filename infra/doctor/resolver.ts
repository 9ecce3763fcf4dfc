/** Asks the DNS of this machine. That a name or record does not exist is an answer; that nobody could be asked is none. */
import { Resolver } from 'node:dns/promises';
import type { LookUp } from './dns-checks.ts';

/** Longest wait for a name server, and how often one is asked. */
const TIMEOUT_MS = 3_000;
const TRIES = 2;

const ABSENT: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND']);

const withoutDot = (name: string) => name.replace(/\.$/u, '');

export function openResolver(): LookUp {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  const ask: Readonly<Record<Parameters<LookUp>[1], (name: string) => Promise<readonly string[]>>> = {
    CNAME: async (name) => (await resolver.resolveCname(name)).map(withoutDot),
    TXT: async (name) => (await resolver.resolveTxt(name)).map((parts) => parts.join('')),
    MX: async (name) =>
      (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${withoutDot(exchange)}`),
  };
  return async (name, type) => {
    try {
      return { kind: 'told', value: await ask[type](name) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (ABSENT.has(code)) return { kind: 'told', value: [] };
      return { kind: 'silent', why: `the name server did not answer (${code})` };
    }
  };
}
