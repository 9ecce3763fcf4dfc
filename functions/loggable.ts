/** Errors on their way into the log, where nothing personal may stand. */

/**
 * What of an error may stand in the log. A SyntaxError quotes the text it could not read, which may hold an address, and so
 * does the first line of its stack: of such an error, or one that was caused by it, only the names are kept.
 */
export function loggable(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const names: string[] = [];
  let quotes = false;
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    names.push(each.name);
    quotes ||= each instanceof SyntaxError;
  }
  return quotes ? new Error(names.join(' < ')) : error;
}
