/**
 * The records a sender's domain needs so that mailbox providers believe its mail: DKIM, which signs it; SPF for the domain
 * bounces return to; DMARC, which says what to do with mail that neither speaks for.
 */
import { type DeploymentConfig, identityOf, mailFromOf } from '../config.ts';

/** Seconds a resolver may keep a record: half an hour, so that a mistake is soon over. */
const TTL_SECONDS = 1800;

/** Where SES keeps DKIM keys, unless it says another zone. */
const DKIM_ZONE = 'dkim.amazonses.com';

/** Mail servers try the lowest first; there is one. */
const MX_PREFERENCE = 10;

export interface DnsRecord {
  readonly purpose: 'DKIM' | 'SPF' | 'bounces' | 'DMARC';
  readonly name: string;
  readonly type: 'CNAME' | 'TXT' | 'MX';
  readonly value: string;
}

/** What SES signs mail of an identity with. */
export interface DkimKeys {
  readonly tokens: readonly string[];
  readonly zone?: string;
}

/**
 * All records of a deployment's domain, as far as they can be told yet.
 *
 * @param region where bounces return to; undefined as long as nobody has named it
 * @param dkim undefined as long as SES does not know the identity
 */
export function recordsFor(
  config: DeploymentConfig,
  region: string | undefined,
  dkim: DkimKeys | undefined,
): readonly DnsRecord[] {
  const domain = identityOf(config);
  const mailFrom = mailFromOf(config);
  return [
    ...(dkim?.tokens ?? []).map((token): DnsRecord => ({
      purpose: 'DKIM',
      name: `${token}._domainkey.${domain}`,
      type: 'CNAME',
      value: `${token}.${dkim?.zone ?? DKIM_ZONE}`,
    })),
    ...(mailFrom === undefined
      ? []
      : ([
          { purpose: 'SPF', name: mailFrom, type: 'TXT', value: 'v=spf1 include:amazonses.com -all' },
          ...(region === undefined
            ? []
            : ([
                {
                  purpose: 'bounces',
                  name: mailFrom,
                  type: 'MX',
                  value: `${MX_PREFERENCE} feedback-smtp.${region}.amazonses.com`,
                },
              ] as const)),
        ] as const)),
    // Nothing is rejected as long as nobody has read the reports: p=none asks for these alone.
    {
      purpose: 'DMARC',
      name: `_dmarc.${domain}`,
      type: 'TXT',
      value: `v=DMARC1; p=none; rua=mailto:${config.replyTo}`,
    },
  ];
}

/** A record as a line of a zone file, which most providers of DNS import. */
export function zoneLine({ name, type, value }: DnsRecord): string {
  const text = type === 'TXT' ? `"${value}"` : `${value}.`;
  return `${name}. ${TTL_SECONDS} IN ${type} ${text}`;
}
