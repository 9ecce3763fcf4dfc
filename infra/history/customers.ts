/** Who the customers are and what they agreed to: a shop's own list, or what Amazon Pinpoint exports. */
import type { CONSENT_KINDS } from '../../shared/lifecycle/facts/consent.ts';
import { address, locale, personName, shortText } from '../../shared/lifecycle/events/fields.ts';
import { checked, readable } from './cell.ts';
import { consentMeant } from './consent-words.ts';
import { hashedId, idOf } from './customer-index.ts';
import { noObjections, objectionNotes } from './objections.ts';
import { isPinpoint, readPinpoint } from './pinpoint.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { readTable, type Row, type TableShape } from './table.ts';
import { isTimeZone } from './zones.ts';

/** One person, as a line tells of them. */
export interface Person {
  readonly customerId: string;
  readonly email?: string;
  readonly name?: string;
  /** BCP 47 */
  readonly locale?: string;
  /** IANA name of a zone there is. */
  readonly timeZone?: string;
  /** Absent when the file does not say: unknown is no consent. `none` is an objection or a refusal. */
  readonly marketing?: (typeof CONSENT_KINDS)[number];
  /** When the person decided, epoch milliseconds. */
  readonly consentAt?: number;
  readonly consentSource?: string;
  readonly consentWording?: string;
}

export interface CustomersReading extends Reading {
  /** In the order of the lines; a customer may occur twice. */
  readonly people: readonly Person[];
}

const CUSTOMERS: TableShape = {
  fields: [
    'customer_id',
    'email',
    'name',
    'first_name',
    'last_name',
    'locale',
    'time_zone',
    'consent',
    'consent_at',
    'consent_source',
    'consent_wording',
  ],
  required: ['customer_id'],
  dates: ['consent_at'],
  amounts: [],
  takesTorn: true,
};

const sourceField = shortText('where consent was given, such as checkout');
const wordingField = shortText('the version of the wording the person agreed to');

/**
 * Takes an export of Amazon Pinpoint (JSON lines or CSV) for what it is.
 *
 * @throws UsageError when the file cannot be read or its header lacks a column
 */
export async function readCustomers(file: string, options: ReadingOptions = {}): Promise<CustomersReading> {
  if (await isPinpoint(file)) return readPinpoint(file, options);
  let people: Person[] = [];
  let objections = noObjections();
  const reading = await readTable(
    file,
    CUSTOMERS,
    options,
    (row) => {
      const person = personIn(row, options.hashIds === true);
      if (person !== undefined) people.push(person);
      // Whatever else is wrong with the row: an objection that can be kept is kept.
      if (person?.marketing === 'none') {
        if (row.isRefused) objections.ofBadRows.push(row.line);
        if (person.email === undefined && row.text('email') !== '') objections.withoutAddress.push(row.line);
        return;
      }
      const meant = consentMeant(row.text('consent'));
      if (meant === 'none') objections.lost.push(row.line);
      // In a row that is torn, or has swallowed others, an objection may stand anywhere.
      else if (
        meant === undefined ||
        (row.has('consent') && row.pieces().some((each) => consentMeant(each) === 'none'))
      )
        objections.unclear.push(row.line);
    },
    () => {
      people = [];
      objections = noObjections();
    },
  );
  return {
    ...reading,
    format: { ...reading.format, notes: [...reading.format.notes, ...objectionNotes(objections)] },
    people,
  };
}

function personIn(row: Row, hashIds: boolean): Person | undefined {
  const customerId = idOf(row, hashIds);
  const email = readable(row, 'email', address) ?? (hashIds ? addressIn(row, customerId) : undefined);
  const name = readable(row, 'name', personName) ?? fullName(row);
  const language = readable(row, 'locale', locale, (text) => text.replaceAll('_', '-'));
  const timeZone = timeZoneIn(row);
  const marketing = consentIn(row);
  const consentAt = row.instant('consent_at');
  const consentSource = checked(row, 'consent_source', sourceField);
  const consentWording = checked(row, 'consent_wording', wordingField);
  if (customerId === undefined || (row.isRefused && marketing !== 'none')) return undefined;
  return {
    customerId,
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(language !== undefined && { locale: language }),
    ...(timeZone !== undefined && { timeZone }),
    ...(marketing !== undefined && { marketing }),
    ...(!Number.isNaN(consentAt) && { consentAt }),
    ...(consentSource !== undefined && { consentSource }),
    ...(consentWording !== undefined && { consentWording }),
  };
}

/** Where the address is the id, it is the address, too. */
function addressIn(row: Row, customerId: string | undefined): string | undefined {
  const written = row.text('customer_id');
  return customerId === hashedId(written) && written.includes('@') ? readable(row, 'customer_id', address) : undefined;
}

function timeZoneIn(row: Row): string | undefined {
  const text = row.text('time_zone');
  if (text === '' || isTimeZone(text)) return text || undefined;
  row.leaveOut({ expected: 'time_zone: expected an IANA name such as Europe/Stockholm', found: text });
  return undefined;
}

function fullName(row: Row): string | undefined {
  const name = `${row.text('first_name')} ${row.text('last_name')}`.trim();
  if (name === '') return undefined;
  const read = personName.safeParse(name);
  if (read.success) return read.data;
  row.leaveOut({ expected: `first_name and last_name: ${read.error.issues.map(({ message }) => message).join('; ')}` });
  return undefined;
}

function consentIn(row: Row): Person['marketing'] {
  const text = row.text('consent');
  const meant = consentMeant(text);
  if (meant === undefined)
    row.refuse({ expected: 'consent: expected opt_in, soft_opt_in, none, yes or no', found: text });
  return meant === 'open' ? undefined : meant;
}
