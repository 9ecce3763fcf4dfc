/**
 * Endpoints as Amazon Pinpoint exports them: a JSON object a line, or CSV with the same names joined by points. Only
 * addresses of e-mail are taken. That somebody has not opted out is no consent: only a refusal is known afterwards.
 */
import { basename } from 'node:path';
import { z } from 'zod';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { address as addressField, customerId, locale, personName } from '../../shared/lifecycle/events/fields.ts';
import { badRowsOf, type Fault } from './bad-rows.ts';
import { hashedId } from './customer-index.ts';
import type { CustomersReading, Person } from './customers.ts';
import { readDate } from './dates.ts';
import { encodingInWords, openText } from './encoding.ts';
import { noObjections, objectionNotes } from './objections.ts';
import type { ReadingOptions } from './reading.ts';
import { readRecords } from './records.ts';
import { DEFAULTS, TOO_MANY_FIELDS, UNCLOSED } from './table.ts';
import { clockIn, isTimeZone } from './zones.ts';

const BRACE = '{'.charCodeAt(0);
/** Columns that only an export of endpoints has. */
const CSV_COLUMNS = ['ChannelType', 'Address'];
/** What an endpoint says of mail, alone or in a line that cannot be read. */
const ALL = /\bALL\b/i;
const NONE = /\bNONE\b/i;
const FIRST_NAMES = ['FirstName', 'firstName', 'first_name'];
const LAST_NAMES = ['LastName', 'lastName', 'last_name'];
const NAMES = ['Name', 'name', 'FullName'];

/** Of what is no name, nothing is taken, and a person is not lost for it. */
const attributes = z.nullish(z.record(z.string(), z.unknown())).catch(undefined);
const maybeText = z.nullish(z.string());
const endpoint = z.object({
  Id: maybeText,
  Address: maybeText,
  ChannelType: z.string(),
  EndpointStatus: maybeText,
  OptOut: maybeText,
  EffectiveDate: maybeText,
  Attributes: attributes,
  Demographic: z.nullish(z.object({ Locale: maybeText, Timezone: maybeText })).catch(undefined),
  User: z.nullish(z.object({ UserId: maybeText, UserAttributes: attributes })),
});
type Endpoint = z.infer<typeof endpoint>;

/** Whether a file is such an export, judged by its beginning. */
export async function isPinpoint(file: string): Promise<boolean> {
  const start = await startOf(file);
  if (start.find((byte) => byte > 0x20) === BRACE) return true;
  const [header = ''] = start.toString().split('\n', 1);
  return CSV_COLUMNS.every((name) => header.includes(name));
}

async function startOf(file: string): Promise<Buffer> {
  const { chunks } = await openText(file);
  for await (const chunk of chunks) return chunk;
  return Buffer.alloc(0);
}

/** @throws UsageError when the file cannot be read */
export async function readPinpoint(file: string, options: ReadingOptions): Promise<CustomersReading> {
  const bad = badRowsOf(basename(file), options.badRowsKept);
  const isJson = (await startOf(file)).find((byte) => byte > 0x20) === BRACE;
  const incomplete = badRowsOf(basename(file), options.badRowsKept);
  const unclear = noObjections();
  const people: Person[] = [];
  let [rows, elsewhere, inactive, objections] = [0, 0, 0, 0];
  let header: readonly string[] = [];

  const keep = (person: Person | Fault, begins: number, ends: number): boolean => {
    if ('expected' in person) bad.add(begins, ends, [person]);
    else people.push(person);
    return !('expected' in person);
  };
  const take = (found: Endpoint | Fault, begins: number, ends: number, written: string): void => {
    rows += 1;
    if ('expected' in found) {
      bad.add(begins, ends, [found]);
      if (ALL.test(written)) unclear.lost.push(ends);
      else if (!NONE.test(written)) unclear.unclear.push(ends);
      return;
    }
    if (found.ChannelType !== 'EMAIL') elsewhere += 1;
    // There are two words for it. Whoever is not known to have either is left out.
    else if (found.OptOut && !ALL.test(found.OptOut) && !NONE.test(found.OptOut)) {
      bad.add(begins, ends, [{ expected: 'OptOut: expected ALL or NONE', found: found.OptOut }]);
      unclear.unclear.push(ends);
    }
    // Pinpoint sets this when another endpoint has taken over the address: the contact is past, an objection is not.
    else if (found.EndpointStatus === 'INACTIVE') {
      inactive += 1;
      if (!isObjection(found)) return;
      if (keep(objectionOf(found, options), begins, ends)) objections += 1;
      else unclear.lost.push(ends);
    } else {
      const leftOut: Fault[] = [];
      const person = personOf(found, options, leftOut);
      if (!keep(person, begins, ends)) {
        if (isObjection(found)) unclear.lost.push(ends);
        return;
      }
      if (leftOut.length > 0) incomplete.add(begins, ends, leftOut);
      if (isObjection(found) && !('email' in person)) unclear.withoutAddress.push(ends);
    }
  };

  const { chunks, encoding } = await openText(file, options);
  if (isJson) {
    let line = 0;
    for await (const text of linesOf(chunks)) {
      line += 1;
      if (text.trim() !== '') take(endpointIn(text), line, line, text);
    }
  } else {
    await readRecords(
      chunks,
      { delimiter: ',' },
      (cells, begins, ends) => {
        if (header.length === 0) header = cells.map((name) => name.trim());
        else take(endpointOf(header, cells), begins, ends, cells.join(' '));
        return true;
      },
      (line, written) => take({ expected: UNCLOSED }, line, line, written),
    );
  }
  const { timeZone = DEFAULTS.timeZone, currency = DEFAULTS.currency } = options;
  const notes = [
    'Endpoints of Amazon Pinpoint: OptOut ALL is taken as an objection, OptOut NONE as unknown, for it is no consent.',
    ...(elsewhere > 0 ? [`${plural(elsewhere, 'endpoint')} of other channels than e-mail left out.`] : []),
    ...(inactive > 0
      ? [
          `${plural(inactive, 'inactive endpoint')} left out${objections > 0 ? `, but for the objections of ${objections}` : ''}.`,
        ]
      : []),
    ...objectionNotes(unclear),
  ];
  const format = {
    encoding: encodingInWords(encoding),
    delimiter: isJson ? '\n' : ',',
    header,
    columns: {},
    timeZone,
    currency,
    notes,
  };
  return { people, bad: bad.done(), incomplete: incomplete.done(), rows, format };
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield* chunk.toString().replace(/\n$/, '').split('\n');
}

function endpointIn(text: string): Endpoint | Fault {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { expected: 'expected a JSON object that ends on its line' };
  }
  const result = endpoint.safeParse(json);
  return result.success ? result.data : { expected: faultOf(result.error) };
}

function faultOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/** A record of CSV, whose columns are called `User.UserAttributes.FirstName`. */
function endpointOf(header: readonly string[], cells: readonly string[]): Endpoint | Fault {
  // Nobody knows then which cell is which.
  if (cells.slice(header.length).some((cell) => cell !== '')) return { expected: TOO_MANY_FIELDS };
  const by = new Map(header.map((name, place) => [name, cells[place]?.trim() ?? '']));
  const text = (name: string): string | undefined => by.get(name) || undefined;
  const listed = (prefix: string) =>
    Object.fromEntries(
      [...by].flatMap(([name, value]) =>
        name.startsWith(prefix) && value !== '' ? [[name.slice(prefix.length), [value]]] : [],
      ),
    );
  const result = endpoint.safeParse({
    Id: text('Id'),
    Address: text('Address'),
    ChannelType: text('ChannelType'),
    EndpointStatus: text('EndpointStatus'),
    OptOut: text('OptOut'),
    EffectiveDate: text('EffectiveDate'),
    Attributes: listed('Attributes.'),
    Demographic: { Locale: text('Demographic.Locale'), Timezone: text('Demographic.Timezone') },
    User: { UserId: text('User.UserId'), UserAttributes: listed('User.UserAttributes.') },
  });
  return result.success ? result.data : { expected: faultOf(result.error) };
}

/** @param leftOut gets what of it cannot be read: the person is kept without that */
function personOf(found: Endpoint, options: ReadingOptions, leftOut: Fault[]): Person | Fault {
  const email = addressField.safeParse(found.Address ?? '');
  const objection = objectionOf(found, options);
  if ('expected' in objection) return objection;
  const written = nameOf(found);
  const name = personName.safeParse(written);
  const said = { language: found.Demographic?.Locale || undefined, timeZone: found.Demographic?.Timezone || undefined };
  const language = locale.safeParse(said.language?.replaceAll('_', '-'));
  const timeZone = said.timeZone !== undefined && isTimeZone(said.timeZone) ? said.timeZone : undefined;
  if (written !== '' && !name.success)
    leftOut.push({ expected: `Name: ${name.error.issues.map(({ message }) => message).join('; ')}` });
  if (!email.success) leftOut.push({ expected: 'Address: expected an e-mail address' });
  if (said.language !== undefined && !language.success)
    leftOut.push({ expected: 'Demographic.Locale: expected a BCP 47 language tag', found: said.language });
  if (said.timeZone !== undefined && timeZone === undefined)
    leftOut.push({
      expected: 'Demographic.Timezone: expected an IANA name such as Europe/Stockholm',
      found: said.timeZone,
    });
  return {
    ...objection,
    ...(email.success && { email: email.data }),
    ...(written !== '' && name.success && { name: name.data }),
    ...(language.success && { locale: language.data }),
    ...(timeZone !== undefined && { timeZone }),
  };
}

function isObjection({ OptOut: said }: Endpoint): boolean {
  return ALL.test(said ?? '');
}

/** Whose endpoint it is, and whether they have objected. */
function objectionOf(found: Endpoint, { hashIds = false, notAfter = Infinity }: ReadingOptions): Person | Fault {
  const written = found.User?.UserId ?? found.Id ?? '';
  // Of nothing there is a hash, too, and it would be one customer for all of them.
  if (hashIds && !written.includes('@') && !found.Address) return { expected: 'Address: expected an e-mail address' };
  const id = customerId.safeParse(
    hashIds ? hashedId(written.includes('@') ? written : (found.Address ?? '')) : written,
  );
  if (!id.success)
    return {
      expected:
        'User.UserId: expected an opaque id, not an e-mail address; --hash-ids replaces addresses by their hash',
    };
  const at = readDate(found.EffectiveDate ?? '', { toInstant: clockIn(DEFAULTS.timeZone) });
  return {
    customerId: id.data,
    ...(isObjection(found) && { marketing: 'none', consentSource: 'Amazon Pinpoint, OptOut ALL' }),
    // Without a date that can be believed an objection is the last word.
    ...(isObjection(found) && typeof at === 'number' && at <= notAfter && { consentAt: at }),
  };
}

/** Empty where none is said. */
function nameOf({ User: user, Attributes: own }: Endpoint): string {
  const said = { ...own, ...user?.UserAttributes };
  const first = (names: readonly string[]): string => names.map((name) => textIn(said[name])).find(Boolean) ?? '';
  return first(NAMES) || `${first(FIRST_NAMES)} ${first(LAST_NAMES)}`.trim();
}

/** An attribute is a list; some programs write its only value. */
function textIn(value: unknown): string {
  const only: unknown = Array.isArray(value) ? value[0] : value;
  return typeof only === 'string' ? only : '';
}
