/** Looks up whether the records of the sender's domain are where they have to be, and says which line is missing. */
import { domainOf, identityOf, type DeploymentConfig } from '../config.ts';
import { type DnsRecord, zoneLine } from './dns-records.ts';
import { type Answer, type Finding, finding, judged, ok } from './finding.ts';

/** What the world sees under a name; nothing where there is none. TXT records whole, MX as "10 host", all without last dot. */
export type LookUp = (name: string, type: DnsRecord['type']) => Promise<Answer<readonly string[]>>;

const ABOUT: Readonly<Record<DnsRecord['purpose'], string>> = {
  DKIM: 'DNS: DKIM',
  SPF: 'DNS: SPF',
  bounces: 'DNS: bounces',
  DMARC: 'DNS: DMARC',
};

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Every record that ought to be there, found or not. */
export async function checkDns(
  config: DeploymentConfig,
  records: readonly DnsRecord[],
  lookUp: LookUp,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    records.map(async (record) => {
      const { purpose, name, type } = record;
      if (purpose === 'DMARC') return checkDmarc(config, record, lookUp);
      return judged(ABOUT[purpose], await lookUp(name, type), (values) => [judgeRecord(record, values)]);
    }),
  );
  return findings.flat();
}

function judgeRecord(record: DnsRecord, values: readonly string[]): Finding {
  const { purpose, name, type, value } = record;
  const about = ABOUT[purpose];
  if (purpose === 'SPF') return judgeSpf(record, values);
  if (values.some((each) => same(each, value))) return ok(about, `${name} is right`);
  const instead = values.length === 0 ? 'is not there' : `says ${values.join(', ')}`;
  // Without DKIM nothing speaks for the sender's domain; without the MX record SES uses a domain of its own.
  const verdict = purpose === 'DKIM' ? 'problem' : 'warning';
  return finding(verdict, about, `the ${type} record ${name} ${instead}`, 'Add this record', zoneLine(record));
}

function judgeSpf(record: DnsRecord, values: readonly string[]): Finding {
  const { name } = record;
  const about = ABOUT.SPF;
  const policies = values.filter((each) => /^v=spf1(?:\s|$)/iu.test(each));
  const [policy, ...others] = policies;
  if (policy === undefined)
    return finding('warning', about, `${name} has no SPF record`, 'Add this record', zoneLine(record));
  if (others.length > 0)
    return finding(
      'warning',
      about,
      `${name} has ${policies.length} SPF records, which makes all of them void`,
      'Keep one',
      zoneLine(record),
    );
  if (/(?:^|\s)\+?include:amazonses\.com(?:\s|$)/iu.test(policy)) return ok(about, `${name} lets SES send`);
  return finding('warning', about, `the SPF record of ${name} does not let SES send`, 'Replace it', zoneLine(record));
}

/** A policy holds for everything below its domain; receivers look at the sender's domain first, then above it. */
async function checkDmarc(config: DeploymentConfig, record: DnsRecord, lookUp: LookUp): Promise<readonly Finding[]> {
  const about = ABOUT.DMARC;
  for (const domain of domainsAbove(domainOf(config.sender.address))) {
    const answer = await lookUp(`_dmarc.${domain}`, 'TXT');
    if (answer.kind === 'silent') return judged(about, answer, () => []);
    const policy = answer.value.find((each) => /^v=DMARC1\s*(?:;|$)/iu.test(each));
    const wish = /(?:^|;)\s*p\s*=\s*(?<wish>\w+)/iu.exec(policy ?? '')?.groups?.['wish'];
    if (wish !== undefined) return [ok(about, `_dmarc.${domain} asks for p=${wish}`)];
  }
  const found = `there is no DMARC policy for ${identityOf(config)}; Gmail, Yahoo and Microsoft refuse bulk mail without one`;
  return [finding('problem', about, found, 'Add this record', zoneLine(record))];
}

/** a.b.c, b.c: the domain and those above it, down to two labels. */
function domainsAbove(domain: string): readonly string[] {
  const labels = domain.split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, index) => labels.slice(index).join('.'));
}
