/**
 * From text to records, each with the lines it stands on. A quote that is never closed costs its own row only: reading
 * starts again on the line after it.
 */
import { CsvError, type Options, Parser } from 'csv-parse';

/** A record longer than this (bytes) is an unclosed quote, not a row. */
const RECORD_LIMIT_BYTES = 100_000;
const LF = 10;

/** @returns false to stop reading */
type OnRecord = (cells: readonly string[], begins: number, ends: number) => boolean;

/** How text is read as records. */
export interface RecordFormat {
  /** Between two fields: one character. */
  readonly delimiter: string;
}

/**
 * The parser with its records handed over as they are found: going through the stream, or through `on_record` with its
 * copy of all counts, takes longer than the parsing.
 */
class RecordParser extends Parser {
  readonly #receive: (cells: readonly string[], info: Parser['info']) => void;

  constructor(receive: (cells: readonly string[], info: Parser['info']) => void, options: Options) {
    super(options);
    this.#receive = receive;
  }

  override push(record: readonly string[] | null): boolean {
    if (record === null) return super.push(null);
    this.#receive(record, this.info);
    return true;
  }
}

/**
 * @param chunks UTF-8 text with line feeds
 * @param onUnclosed a row that begins on this line opens a quote that is not closed; with the text of the line
 */
export async function readRecords(
  chunks: AsyncIterable<Buffer>,
  { delimiter }: RecordFormat,
  onRecord: OnRecord,
  onUnclosed: (line: number, text: string) => void,
): Promise<void> {
  /** What has been given to the parser since the end of the last record. */
  let open: Buffer = Buffer.alloc(0);
  /** Lines before the parser's first, and its bytes up to `open`. */
  let [linesBefore, bytesBefore] = [0, 0];
  let [lastLine, emptyLines, recordsEnd] = [0, 0, 0];
  let [isUnclosed, isStopped] = [false, false];
  let failure: unknown;
  let parser: Parser = begin();

  function begin(): Parser {
    [bytesBefore, lastLine, emptyLines, recordsEnd] = [0, 0, 0, 0];
    isUnclosed = false;
    return new RecordParser(receive, {
      delimiter,
      record_delimiter: '\n',
      // A quote inside a field is text. Strict parsing would lose every row up to the next quote.
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: RECORD_LIMIT_BYTES,
      on_skip: (error) => {
        isUnclosed ||= error instanceof CsvError;
        return undefined;
      },
    }).on('error', (error) => {
      failure ??= error;
    });
  }

  function receive(cells: readonly string[], { lines, bytes, empty_lines: empty }: Parser['info']): void {
    if (isUnclosed || isStopped) return;
    const begins = lastLine + (empty - emptyLines) + 1;
    lastLine = lines;
    emptyLines = empty;
    recordsEnd = bytes;
    isStopped = !onRecord(cells, linesBefore + begins, linesBefore + lines);
  }

  const give = async (chunk: Buffer | undefined): Promise<void> => {
    await new Promise<void>((resolve) => {
      if (chunk === undefined) parser.end(resolve);
      else parser.write(chunk, () => resolve());
    });
    if (failure !== undefined) throw failure;
  };

  /** Goes on after the line that opened the quote; answers with the text from there. */
  function afterUnclosed(): Buffer {
    let rest = open.subarray(recordsEnd - bytesBefore);
    let line = linesBefore + lastLine + 1;
    for (; rest[0] === LF; line += 1) rest = rest.subarray(1);
    const feed = rest.indexOf(LF);
    onUnclosed(line, rest.subarray(0, feed === -1 ? rest.length : feed).toString());
    parser.destroy();
    linesBefore = line;
    return feed === -1 ? rest.subarray(rest.length) : rest.subarray(feed + 1);
  }

  /** Gives what is there, as often as a quote that is not closed makes it begin again. */
  async function take(chunk: Buffer | undefined): Promise<void> {
    let next = chunk;
    for (;;) {
      if (next !== undefined) open = open.length === 0 ? next : Buffer.concat([open, next]);
      await give(next);
      if (isStopped) return;
      if (!isUnclosed) break;
      next = afterUnclosed();
      open = Buffer.alloc(0);
      parser = begin();
      // The end has been reached already: what is left goes through to it once more.
      if (chunk === undefined) {
        await take(next);
        next = undefined;
      }
    }
    open = open.subarray(recordsEnd - bytesBefore);
    bytesBefore = recordsEnd;
  }

  try {
    for await (const chunk of chunks) {
      await take(chunk);
      if (isStopped) return;
    }
    await take(undefined);
  } finally {
    parser.destroy();
  }
}
