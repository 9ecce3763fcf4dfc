/** A list cut into pages, counted from 1. */

export interface Page<T> {
  readonly items: readonly T[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

const PAGE_SIZE = 25;

/** @param wanted the page asked for, as it stands in the address; nonsense is page 1, too far is the last one */
export function pageOf<T>(all: readonly T[], wanted: string | null): Page<T> {
  const pages = Math.max(1, Math.ceil(all.length / PAGE_SIZE));
  const number = Number(wanted);
  const page = Number.isInteger(number) && number > 0 ? Math.min(number, pages) : 1;
  return { items: all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE), page, pages, total: all.length };
}
