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

const ASK_ELSEWHERE = 'Look again, or from a machine whose name server answers';

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
      return judged(ABOUT[purpose], await lookUp(name, type), ASK_ELSEWHERE, (values) => [judgeRecord(record, values)]);
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

async function checkDmarc(config: DeploymentConfig, record: DnsRecord, lookUp: LookUp): Promise<readonly Finding[]> {
  return judged(ABOUT.DMARC, await dmarcPolicy(config, lookUp), ASK_ELSEWHERE, (policy) => {
    if (policy !== undefined) return [ok(ABOUT.DMARC, policyWords(policy))];
    const found = `there is no DMARC policy for ${identityOf(config)}; Gmail, Yahoo and Microsoft refuse bulk mail without one`;
    return [finding('problem', ABOUT.DMARC, found, 'Add this record', zoneLine(record))];
  });
}

interface DmarcPolicy {
  /** The name it stands under, such as _dmarc.shop.example.com. */
  readonly name: string;
  /** What it asks for: none, quarantine or reject. */
  readonly wish: string;
}

function policyWords({ name, wish }: DmarcPolicy): string {
  return `${name} asks for p=${wish}`;
}

/**
 * The policy that holds for the sender's domain: its own, or else that of the nearest domain above, which may wish otherwise for
 * what is below it.
 */
async function dmarcPolicy(config: DeploymentConfig, lookUp: LookUp): Promise<Answer<DmarcPolicy | undefined>> {
  const sender = domainOf(config.sender.address);
  for (const domain of domainsAbove(sender)) {
    const name = `_dmarc.${domain}`;
    const answer = await lookUp(name, 'TXT');
    if (answer.kind === 'silent') return answer;
    const policy = answer.value.find((each) => /^v=DMARC1\s*(?:;|$)/iu.test(each));
    const own = tagOf(policy, 'p');
    // Without a wish for its own domain it is no policy.
    if (own !== undefined) {
      const wish = (domain === sender ? undefined : tagOf(policy, 'sp')) ?? own;
      return { kind: 'told', value: { name, wish } };
    }
  }
  return { kind: 'told', value: undefined };
}

function tagOf(policy: string | undefined, tag: 'p' | 'sp'): string | undefined {
  return new RegExp(`(?:^|;)\\s*${tag}\\s*=\\s*(?<wish>\\w+)`, 'iu').exec(policy ?? '')?.groups?.['wish'];
}

/**
 * The records that are to be added, as lines of a zone file: no DMARC policy where one holds already, for a weaker one
 * below it would open the domain to forgers.
 */
export async function linesToAdd(
  config: DeploymentConfig,
  records: readonly DnsRecord[],
  lookUp: LookUp,
): Promise<readonly string[]> {
  const policy = await dmarcPolicy(config, lookUp);
  return records.flatMap((record) => {
    const line = zoneLine(record);
    if (record.purpose !== 'DMARC') return [line];
    if (policy.kind === 'silent')
      return [
        `; Whether a DMARC policy is there could not be looked up (${policy.why}): if it is, leave this line out.`,
        line,
      ];
    if (policy.value === undefined) return [line];
    return [`; No DMARC record is needed: ${policyWords(policy.value)}, which holds for this mail.`];
  });
}

/** a.b.c, b.c: the domain and those above it, down to two labels. */
function domainsAbove(domain: string): readonly string[] {
  const labels = domain.split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, index) => labels.slice(index).join('.'));
}
