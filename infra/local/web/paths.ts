/** Addresses of the pages. An id may hold any character, so it is encoded here and nowhere else. */

function encode(id: string): string {
  return encodeURIComponent(id.toWellFormed());
}

/** Browsers take these for steps up and down the path, encoded or not. */
const DOTS = /^\.{1,2}$/u;

export function customerPath(customerId: string): string {
  return DOTS.test(customerId) ? `/customers?id=${customerId}` : `/customers/${encode(customerId)}`;
}

export function mailPath(id: string): string {
  return `/mail/${encode(id)}`;
}

export function rawMailPath(id: string): string {
  return `/mailbox/${encode(id)}.eml`;
}

export function campaignPath(name: string): string {
  return `/campaigns/${encode(name)}`;
}

export function refusedPath(messageId: string): string {
  return `/refused/${encode(messageId)}`;
}

export function runbookPath(article: string): string {
  return `/runbook/${encode(article)}`;
}

/** A path with those parameters that have a value. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const filled = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') filled.set(name, String(value).toWellFormed());
  }
  return filled.size === 0 ? path : `${path}?${filled.toString()}`;
}
