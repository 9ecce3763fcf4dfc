/**
 * From the bytes of a file to UTF-8 text in whole lines that end with a line feed, whatever the file was written in.
 * A line that is no UTF-8 is decoded by itself, so a file may mix encodings.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { analyse } from 'chardet';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { UsageError } from '../local/usage-error.ts';

/** Bytes read at once: few calls, and small beside what is kept of a file. */
const READ_BYTES = 1 << 18;
/** Bytes that tell what kind of file it is. */
const SIGNATURE_BYTES = 4096;
/** Bytes of foreign lines that are enough to tell their encoding. */
const SAMPLE_BYTES = 64 * 1024;
/** Share of zero bytes, in percent, on even or odd places that only text of two bytes a character has. */
const ZEROS_PERCENT = 20;
/** Letters beyond ASCII have this code or a higher one in what Windows writes. */
const FIRST_LETTER = 0xc0;
/** What windows-1252 has from 0x80 to 0x9F, by the Encoding Standard; elsewhere it is Latin-1. */
const WINDOWS_1252 =
  '\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178';
const FIRST_OF_WINDOWS = 0x80;
const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);

/** ISO 8859 is what programs say and Windows is what they write: it has a character wherever ISO 8859 has none. */
const LATIN: Readonly<Record<string, string>> = {
  'ISO-8859-1': 'windows-1252',
  'ISO-8859-2': 'windows-1250',
  'ISO-8859-9': 'windows-1254',
  'windows-1250': 'windows-1250',
  'windows-1252': 'windows-1252',
  'windows-1254': 'windows-1254',
};
const OTHER_SCRIPTS: Readonly<Record<string, string>> = {
  'ISO-8859-5': 'windows-1251',
  'ISO-8859-6': 'windows-1256',
  'ISO-8859-7': 'windows-1253',
  'ISO-8859-8': 'windows-1255',
  'windows-1251': 'windows-1251',
  'windows-1253': 'windows-1253',
  'windows-1255': 'windows-1255',
  'windows-1256': 'windows-1256',
  'KOI8-R': 'koi8-r',
};
/** Where statistics of letters tell nothing: every byte is a character in these. */
const MOST_USUAL = { latin: 'windows-1252', otherScript: 'windows-1251' } as const;

export interface TextOptions {
  /** As the WHATWG Encoding Standard names it, such as windows-1251; absent: found out. */
  readonly encoding?: string;
  /** @param read bytes of the file so far, out of `total` */
  readonly onProgress?: (read: number, total: number) => void;
}

/** What a text turned out to be written in; complete when it has been read to its end. */
export interface FoundEncoding {
  name: string;
  /** Lines beyond ASCII in that encoding. */
  lines: number;
  /** The encoding of the lines that are no UTF-8, and how many they are, in a file that mixes two. */
  other?: { readonly name: string; readonly lines: number };
}

export interface Text {
  readonly chunks: AsyncIterable<Buffer>;
  readonly encoding: FoundEncoding;
}

/** @throws UsageError when the file cannot be read, is no text, or the encoding is unknown */
export async function openText(file: string, { encoding, onProgress }: TextOptions = {}): Promise<Text> {
  const { head, size } = await signatureOf(file);
  refuseOffice(file, head);
  const source = createReadStream(file, { highWaterMark: READ_BYTES });
  if (onProgress !== undefined) {
    let read = 0;
    source.on('data', (bytes) => {
      read += bytes.length;
      onProgress(read, size);
    });
  }
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  // What ends one of the two ends both; the reader of the last one hears of the error.
  const bytes = isGzip ? pipeline(source, createGunzip(), () => undefined) : source;
  const found: FoundEncoding = { name: 'utf-8', lines: 0 };
  return { chunks: guarded(file, decoded(bytes, found, encoding)), encoding: found };
}

async function signatureOf(file: string): Promise<{ head: Buffer; size: number }> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
      return { head: buffer.subarray(0, bytesRead), size: (await handle.stat()).size };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): UsageError {
  return new UsageError(`cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** Spreadsheets are archives (PK) or the older compound files. */
function refuseOffice(file: string, head: Buffer): void {
  const archive = head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'));
  if (archive || head.subarray(0, 4).toString('hex') === 'd0cf11e0')
    throw new UsageError(`cannot read ${file}: a spreadsheet or an archive, no text; save it as CSV (UTF-8)`);
}

async function* guarded(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (cause) {
    throw cause instanceof UsageError ? cause : unreadable(file, cause);
  }
}

async function* decoded(
  bytes: AsyncIterable<Buffer>,
  found: FoundEncoding,
  asked: string | undefined,
): AsyncGenerator<Buffer> {
  let toUtf8: ((chunk: Buffer) => Buffer) | undefined;
  let rest: Buffer = NOTHING;
  for await (const chunk of bytes) {
    toUtf8 ??= decoderFor(chunk, found, asked);
    const text = toUtf8(chunk);
    const joined = rest.length === 0 ? text : Buffer.concat([rest, text]);
    // A carriage return at the end may be half of a line break, or end a line by itself.
    const end = Math.max(joined.lastIndexOf(LF), joined.subarray(0, -1).lastIndexOf(CR)) + 1;
    rest = joined.subarray(end);
    if (end > 0) yield lineFeeds(linesToUtf8(joined.subarray(0, end), found, asked));
  }
  if (rest.length > 0) yield lineFeeds(linesToUtf8(rest, found, asked));
}

/** What has to be done to bytes before they can be looked at as lines. */
function decoderFor(start: Buffer, found: FoundEncoding, asked: string | undefined): (chunk: Buffer) => Buffer {
  const wide = asked === undefined ? wideEncodingOf(start) : /^utf-?16/i.test(asked) ? asked : undefined;
  if (wide === undefined) {
    found.name = asked === undefined ? 'utf-8' : labelOf(asked);
    const isMarked = start.subarray(0, 3).toString('hex') === 'efbbbf';
    let first = true;
    return (chunk) => {
      const skipped = first && isMarked ? 3 : 0;
      first = false;
      return chunk.subarray(skipped);
    };
  }
  found.name = labelOf(wide);
  const decoder = new TextDecoder(wide);
  return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }));
}

/** @throws UsageError when nobody knows the encoding */
function labelOf(encoding: string): string {
  try {
    return new TextDecoder(encoding).encoding;
  } catch (cause) {
    throw new UsageError(`expected an encoding such as utf-8, windows-1252 or utf-16le, found "${encoding}"`, {
      cause,
    });
  }
}

function wideEncodingOf(start: Buffer): string | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  const looked = start.subarray(0, SIGNATURE_BYTES);
  looked.forEach((byte, place) => {
    if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const enough = (looked.length * ZEROS_PERCENT) / 100;
  if (odd > enough && odd > even) return 'utf-16le';
  return even > enough ? 'utf-16be' : undefined;
}

/** The encoding for people: "windows-1252", or "utf-8, 12 lines windows-1252". */
export function encodingInWords({ name, lines, other }: FoundEncoding): string {
  if (other === undefined) return name;
  return lines === 0 ? other.name : `${name}, but ${plural(other.lines, 'line')} ${other.name}`;
}

function linesToUtf8(lines: Buffer, found: FoundEncoding, asked: string | undefined): Buffer {
  if (found.name.startsWith('utf-16')) return lines;
  if (asked !== undefined && found.name !== 'utf-8' && !isAscii(lines))
    return Buffer.from(decoderOf(found.name)(lines));
  if (isUtf8(lines)) {
    if (!isAscii(lines)) found.lines += countOf(lines, (line) => !isAscii(line));
    return lines;
  }
  found.other ??= { name: guessOf(lines), lines: 0 };
  const { name } = found.other;
  const decode = decoderOf(name);
  let foreign = 0;
  const parts = Array.from(eachLine(lines), (line) => {
    if (isAscii(line)) return line;
    if (isUtf8(line)) {
      found.lines += 1;
      return line;
    }
    foreign += 1;
    return Buffer.from(decode(line));
  });
  found.other = { name, lines: found.other.lines + foreign };
  return Buffer.concat(parts);
}

/** Node 20 takes windows-1252 for Latin-1, which has no euro sign, so its characters are looked up here. */
function decoderOf(name: string): (bytes: Buffer) => string {
  if (name !== 'windows-1252') {
    const decoder = new TextDecoder(name);
    return (bytes) => decoder.decode(bytes);
  }
  return (bytes) =>
    bytes.toString('latin1').replaceAll(
      // oxlint-disable-next-line no-control-regex -- these are what Latin-1 has there
      /[\u0080-\u009F]/gu,
      (control) => WINDOWS_1252[(control.codePointAt(0) ?? 0) - FIRST_OF_WINDOWS] ?? control,
    );
}

function* eachLine(lines: Buffer): Generator<Buffer> {
  for (let start = 0; start < lines.length;) {
    const feed = lines.indexOf(LF, start);
    const end = feed === -1 ? lines.length : feed + 1;
    yield lines.subarray(start, end);
    start = end;
  }
}

function countOf(lines: Buffer, isCounted: (line: Buffer) => boolean): number {
  let count = 0;
  for (const line of eachLine(lines)) if (isCounted(line)) count += 1;
  return count;
}

/** The encoding of lines that are no UTF-8, judged by those lines alone. */
function guessOf(lines: Buffer): string {
  const foreign: Buffer[] = [];
  let bytes = 0;
  for (const line of eachLine(lines)) {
    if (isUtf8(line)) continue;
    foreign.push(line);
    bytes += line.length;
    if (bytes > SAMPLE_BYTES) break;
  }
  const text = Buffer.concat(foreign);
  const isLatin = !isOtherScript(text);
  for (const { name } of analyse(text)) {
    const known = (isLatin ? LATIN : OTHER_SCRIPTS)[name];
    if (known !== undefined) return known;
  }
  return isLatin ? MOST_USUAL.latin : MOST_USUAL.otherScript;
}

/** Letters beyond ASCII stand alone among Latin ones, and side by side in words of another script. */
function isOtherScript(text: Buffer): boolean {
  let [alone, together] = [0, 0];
  text.forEach((byte, place) => {
    if (byte < FIRST_LETTER) return;
    const hasNeighbour = (text[place - 1] ?? 0) >= FIRST_LETTER || (text[place + 1] ?? 0) >= FIRST_LETTER;
    if (hasNeighbour) together += 1;
    else alone += 1;
  });
  return together > alone;
}

/** Every line break as a line feed: those of Windows, and of old Macs. */
function lineFeeds(text: Buffer): Buffer {
  if (!text.includes(CR)) return text;
  const out = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i] ?? 0;
    if (byte === CR && text[i + 1] === LF) continue;
    out[length] = byte === CR ? LF : byte;
    length += 1;
  }
  return out.subarray(0, length);
}
