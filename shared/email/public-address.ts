/** Addresses that everybody can open: https, on a host that is neither of one machine nor of one office. */

/** Endings of names that only the machine or the office of whoever wrote them can resolve. */
const PRIVATE_ENDINGS = new Set(
  'local lan internal intranet private localhost localdomain home corp arpa test invalid'.split(' '),
);
/** A parsed address writes every IPv4 address this way, and puts every IPv6 address in brackets. */
const IP_ADDRESS = /^(?:\[.*\]|\d+\.\d+\.\d+\.\d+)$/u;

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/\.$/u, '');
  const labels = host.split('.');
  return labels.length === 1 || IP_ADDRESS.test(host) || PRIVATE_ENDINGS.has(labels.at(-1) ?? '');
}

/** What keeps an address from being linked, said after it: "is not https"; undefined when nothing does. */
export function wrongWithAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return 'is no address';
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== 'https:') return 'is not https';
  if (username !== '' || password !== '') return 'carries a name or a password';
  return isPrivate(hostname) ? 'leads to a private machine' : undefined;
}
