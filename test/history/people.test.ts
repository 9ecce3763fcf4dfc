import { describe, expect, it } from 'vitest';
import { readCancellations } from '../../infra/history/cancellations.ts';
import { readComplaintLog } from '../../infra/history/complaints.ts';
import { readCustomers } from '../../infra/history/customers.ts';
import { readingsInWords } from '../../infra/history/file-readings.ts';
import { readLoginLog } from '../../infra/history/moments.ts';
import { filesOfTest } from './write-file.ts';

const file = filesOfTest();
const noon = Date.UTC(2024, 2, 5, 12);

describe('customers', () => {
  it('come with contact and consent, in the words of usual shop systems', async () => {
    const { people, bad } = await readCustomers(
      await file(
        'Customer ID;First Name;Last Name;E-Mail;Accepts Email Marketing;Consent date;Language\n' +
          '1;Maja;Öberg;maja@x.example;yes;2024-03-05;sv_SE\n' +
          '2;;;bo@x.example;no;;\n' +
          '3;;;eva@x.example;pending;;\n' +
          '4;;;not an address;maybe;;\n',
      ),
    );
    expect(people).toEqual([
      {
        customerId: '1',
        email: 'maja@x.example',
        name: 'Maja Öberg',
        locale: 'sv-SE',
        marketing: 'opt_in',
        consentAt: noon,
      },
      { customerId: '2', email: 'bo@x.example', marketing: 'none' },
      { customerId: '3', email: 'eva@x.example' },
    ]);
    expect(bad.kept.map(({ line, reason }) => [line, reason])).toEqual([
      [5, expect.stringMatching(/^consent: expected opt_in.*"maybe"; email: /)],
    ]);
  });
});

it.each(['Kunde;;;\n', 'Kunde\n\n', 'Kunde;Stand\n'])('are below a title such as %j', async (title) => {
  const { people, format } = await readCustomers(
    await file(`${title}kundennr;email;name;einwilligung\n1;maja@x.example;Maja;nein\n`),
  );
  expect(people).toEqual([{ customerId: '1', email: 'maja@x.example', name: 'Maja', marketing: 'none' }]);
  expect(format.notes).toEqual([expect.stringMatching(/^The header is taken to be on line \d/)]);
});

it('a person is kept without the cell that cannot be read, and that is counted and told with its line', async () => {
  const name = await file(
    'customer_id,email,name,locale,time_zone,consent\n' +
      '1,maja@x.example,Maja,German!,Europe/Atlantis,yes\n' +
      '2,not an address,Bo,sv,Europe/Stockholm,yes\n' +
      '3,eva@x.example,,sv,+02:00,yes\n',
    'people.csv',
  );
  const reading = await readCustomers(name);
  expect(reading.people).toEqual([
    { customerId: '1', email: 'maja@x.example', name: 'Maja', marketing: 'opt_in' },
    { customerId: '2', name: 'Bo', locale: 'sv', timeZone: 'Europe/Stockholm', marketing: 'opt_in' },
    { customerId: '3', email: 'eva@x.example', locale: 'sv', marketing: 'opt_in' },
  ]);
  const said = readingsInWords([{ file: 'people.csv', reading }]);
  expect(said).toEqual([
    'people.csv: 3 rows',
    '3 rows are read without a cell that cannot be:',
    expect.stringMatching(/^ {2}1 row: locale: /),
    '  2 rows: time_zone: expected an IANA name such as Europe/Stockholm',
    expect.stringMatching(/^ {2}1 row: email: /),
    expect.stringMatching(/^ {2}people.csv, line 2: locale: .*time_zone: .*"Europe\/Atlantis"/),
    expect.stringMatching(/^ {2}people.csv, line 3: email: /),
    expect.stringMatching(/^ {2}people.csv, line 4: time_zone: /),
  ]);
  expect(said.join('')).not.toContain('not an address');
});

it('an objection is kept, though something else of its line is wrong; one of nobody is told with its line', async () => {
  const { people, bad, format } = await readCustomers(
    await file(
      'customer_id,email,locale,consent,consent_at\n1,not an address,xx_!!,no,\n2,,,no,never\n,eva@x.example,,no,\n',
    ),
  );
  expect(people).toEqual([
    { customerId: '1', marketing: 'none' },
    { customerId: '2', marketing: 'none' },
  ]);
  expect(bad.kept.map(({ line }) => line)).toEqual([3, 4]);
  expect(format.notes).toEqual([
    expect.stringMatching(/^Of 1 row that cannot be read the objection is kept.*: line 3\.$/),
    expect.stringMatching(/^1 objection with an address that cannot be read: kept under the id .*: line 2\.$/),
    expect.stringMatching(/^1 OBJECTION CANNOT BE KEPT, .*: line 4\./),
  ]);
  const pinpoint = await readCustomers(
    await file(endpoint({ Address: 'not an address', OptOut: 'ALL' }), 'endpoints.json'),
  );
  expect(pinpoint.people).toMatchObject([{ customerId: 'u-1', marketing: 'none' }]);
  expect(pinpoint.people[0]).not.toHaveProperty('email');
  expect(pinpoint.format.notes).toContainEqual(expect.stringMatching(/^1 objection with an address .*: line 1\.$/));
  const odd = { Timezone: 'Mars/Phobos', Locale: 'German!' };
  const kept = await readCustomers(await file(endpoint({ Demographic: odd, Address: 'x' }), 'endpoints.json'));
  expect(kept.people).toEqual([{ customerId: 'u-1', name: 'Maja Öberg' }]);
  expect([...kept.incomplete.byReason.keys()]).toEqual([
    expect.stringMatching(/^Address/),
    expect.stringMatching(/Locale/),
    expect.stringMatching(/Timezone/),
  ]);
  const nobody = endpoint({ OptOut: 'ALL', User: { UserId: 'bo@x.example' } });
  const { format: told } = await readCustomers(await file(nobody, 'endpoints.json'));
  expect(told.notes.join(' ')).toContain('1 OBJECTION CANNOT BE KEPT');
});

describe('no objection is lost without a word', () => {
  const HEADER = 'customer_id,email,consent,consent_at\n';

  it('in a row with too many cells, or a quote that is not closed, it is kept and told', async () => {
    const { people, bad, format } = await readCustomers(
      await file(`${HEADER}1,a@x.example,yes,\n1,a@x.example,no,2024-06-01,stray\n2,"b@x.example,no,\n3,,yes,,x\n`),
    );
    expect(people.map(({ customerId, marketing }) => [customerId, marketing])).toEqual([
      ['1', 'opt_in'],
      ['1', 'none'],
      ['2', 'none'],
    ]);
    expect(bad.kept.map(({ line }) => line)).toEqual([3, 4, 5]);
    expect(format.notes).toEqual([expect.stringMatching(/^Of 2 rows that cannot be read .*: lines 3, 4\.$/)]);
  });

  it('where it may stand in another cell, or in a row that another has swallowed, every line is told', async () => {
    const torn = await readCustomers(
      await file(
        `${HEADER}1,a@x.example,Ann,no,2024-06-01\n2,b@x.example,yes,,no\n3,"b\n4,d@x.example,no,\n5,e",yes,\n`,
      ),
    );
    expect(torn.people.map(({ customerId }) => customerId)).toEqual(['3']);
    expect(torn.format.notes).toEqual([expect.stringMatching(/^3 ROWS MAY BE OBJECTIONS .*: lines 2, 3, 6\. /)]);
  });

  it.each([
    'opted out',
    'opted_out',
    'OptedOut',
    'Unsubscribe',
    'withdrawn',
    'revoked',
    'non',
    'nie',
    'No.',
    'STOP',
    'отказ',
  ])('of %s is understood', async (word) => {
    const { people, format } = await readCustomers(await file(`${HEADER}1,a@x.example,${word},\n`));
    expect([people[0]?.marketing, format.notes]).toEqual(['none', []]);
  });

  it('of words that nobody understands every line is told, however many they are', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `${n},,${n % 2 === 0 ? 'hmpf' : 'yes'},\n`);
    const { people, format } = await readCustomers(await file(HEADER + lines.join('')));
    expect(people).toHaveLength(1500);
    expect(format.notes[0]).toMatch(/^1,500 ROWS MAY BE OBJECTIONS /);
    const told = format.notes.join(' ').match(/\d+/g)?.slice(2).map(Number);
    expect(told).toEqual(Array.from({ length: 1500 }, (_, n) => 2 + 2 * n));
    expect(Math.max(...format.notes.map((note) => note.length))).toBeLessThan(250);
    const [note] = (await readCustomers(await file(`${HEADER}${'1,,-,\n'.repeat(9)}`))).format.notes;
    expect(note).toContain(': lines 2 to 10.');
  });

  it.each<readonly [string, object]>([
    ['of no user', { User: null }],
    ['without attributes', { User: { UserId: 'u-1', UserAttributes: null } }],
    ['with an attribute that is no list', { Attributes: { Tea: 'green' } }],
    ['with nothing about the device', { Demographic: null, EffectiveDate: null }],
  ])('of an endpoint %s', async (_what, more) => {
    const { people } = await readCustomers(await file(endpoint({ OptOut: 'ALL', ...more }), 'endpoints.json'));
    expect(people).toMatchObject([{ marketing: 'none' }]);
  });

  it('of an endpoint that cannot be read the line is told', async () => {
    const cut = endpoint({ OptOut: 'ALL' }).slice(0, -1);
    const short = '{"Id": "e-2", "ChannelType": "EM';
    const text = [cut, short, endpoint({ OptOut: 'ALL', Id: 7 }), endpoint({ OptOut: 'SOME' }), endpoint({ Id: 8 })];
    const { people, format } = await readCustomers(await file(text.join('\n'), 'endpoints.json'));
    expect(people).toEqual([]);
    expect(format.notes.slice(1)).toEqual([
      expect.stringMatching(/^2 OBJECTIONS CANNOT BE KEPT, .*: lines 1, 3\. /),
      expect.stringMatching(/^2 ROWS MAY BE OBJECTIONS .*: lines 2, 4\. /),
    ]);
    const csv = await readCustomers(
      await file('ChannelType,Address,Id,OptOut\nEMAIL,a@x.example,e-1,ALL,stray\nEMAIL,"a@x.example,e-1,ALL\n'),
    );
    expect(csv.format.notes.at(-1)).toMatch(/^2 OBJECTIONS CANNOT BE KEPT, .*: lines 2, 3\. /);
  });

  it('nor is a name that cannot be read', async () => {
    const long = 'N'.repeat(201);
    const list = await readCustomers(await file(`customer_id,first_name,last_name\n1,Bo,${long}\n`));
    const pinpoint = await readCustomers(
      await file(endpoint({ User: { UserId: 'u-1', UserAttributes: { Name: [long] } } }), 'endpoints.json'),
    );
    for (const { people, incomplete } of [list, pinpoint]) {
      expect([people.length, people[0]?.name, incomplete.kept.map(({ line }) => line)]).toEqual([
        1,
        undefined,
        [people[0]?.customerId === '1' ? 2 : 1],
      ]);
    }
  });
});

const endpoint = (more: object) =>
  JSON.stringify({
    Id: 'e-1',
    Address: 'maja@x.example',
    ApplicationId: 'app',
    Attributes: { Interests: ['Tea'] },
    ChannelType: 'EMAIL',
    CohortId: '63',
    CreationDate: '2018-05-01T17:31:01.046Z',
    Demographic: { Locale: 'sv_SE', Timezone: 'Europe/Stockholm' },
    EffectiveDate: '2024-03-05T12:00:00.000Z',
    EndpointStatus: 'ACTIVE',
    Location: { Country: 'SE' },
    OptOut: 'NONE',
    RequestId: 'r',
    User: { UserId: 'u-1', UserAttributes: { FirstName: ['Maja'], LastName: ['Öberg'] } },
    ...more,
  });
const maja = {
  customerId: 'u-1',
  email: 'maja@x.example',
  name: 'Maja Öberg',
  locale: 'sv-SE',
  timeZone: 'Europe/Stockholm',
};

describe('endpoints of Amazon Pinpoint', () => {
  it('become people, and only an objection is known of their consent', async () => {
    const { people, bad, rows, format } = await readCustomers(
      await file(
        [
          endpoint({}),
          endpoint({ OptOut: 'ALL', User: { UserId: 'u-2' } }),
          endpoint({ User: undefined }),
          endpoint({ ChannelType: 'SMS', Address: '+46701234567' }),
          endpoint({ EndpointStatus: 'INACTIVE' }),
          '{"Id": "broken',
          endpoint({ User: { UserId: 'bo@x.example' } }),
          '',
        ].join('\n'),
        'endpoints.json',
      ),
    );
    const { customerId: _id, name: _name, ...contact } = maja;
    expect(people).toEqual([
      maja,
      {
        ...contact,
        customerId: 'u-2',
        marketing: 'none',
        consentSource: 'Amazon Pinpoint, OptOut ALL',
        consentAt: noon,
      },
      { ...contact, customerId: 'e-1' },
    ]);
    expect([rows, bad.kept.map(({ line }) => line)]).toEqual([7, [6, 7]]);
    expect(bad.kept[1]?.reason).toContain('--hash-ids');
    expect(JSON.stringify(bad.kept)).not.toContain('bo@');
    expect(format.notes.join(' ')).toMatch(/no consent.*1 endpoint of other channels.*1 inactive endpoint left/);
  });

  it('keep the objection of an endpoint that another has replaced, and nothing else of it', async () => {
    const { people, format } = await readCustomers(
      await file(
        [
          endpoint({}),
          endpoint({ EndpointStatus: 'INACTIVE', OptOut: 'ALL' }),
          endpoint({ EndpointStatus: 'INACTIVE', User: { UserId: 'u-3' } }),
          '',
        ].join('\n'),
        'endpoints.json',
      ),
    );
    const { customerId } = maja;
    expect(people).toEqual([
      maja,
      { customerId, marketing: 'none', consentSource: 'Amazon Pinpoint, OptOut ALL', consentAt: noon },
    ]);
    expect(format.notes.join(' ')).toContain('2 inactive endpoints left out, but for the objections of 1.');
  });

  it('are read from CSV, too', async () => {
    const header =
      'ChannelType,Address,Id,OptOut,EffectiveDate,Demographic.Locale,Demographic.Timezone,User.UserId,User.UserAttributes.FirstName,User.UserAttributes.LastName';
    const { people } = await readCustomers(
      await file(
        `${header}\nEMAIL,maja@x.example,e-1,NONE,2024-03-05T12:00:00Z,sv_SE,Europe/Stockholm,u-1,Maja,Öberg\n`,
      ),
    );
    expect(people).toEqual([maja]);
  });
});

describe('what else people did', () => {
  it('reads logins sorted by customer and time', async () => {
    const { log, bad } = await readLoginLog(
      await file('user_id,login_at\nb,2024-03-06\na,2024-03-05\nb,2024-03-05\n,2024-03-05\n'),
    );
    expect([log.customers, [...log.starts], bad.total]).toEqual([['b', 'a'], [0, 2, 3], 1]);
    expect(log.at[0]).toBe(noon);
  });

  it('reads complaints with what is known of them', async () => {
    const { complaints } = await readComplaintLog(
      await file(
        'customer_id,opened_at,ticket_id,priority,closed_at\na,2024-03-05,k-1,High,2024-03-05\nb,2024-03-05,,,\n',
      ),
    );
    expect(complaints).toEqual([
      { customerId: 'a', openedAt: noon, complaintId: 'k-1', severity: 'high', resolvedAt: noon },
      { customerId: 'b', openedAt: noon },
    ]);
  });

  it('reads cancellations from their own file and from the column of an export of orders', async () => {
    const own = await readCancellations(await file('customer_id,order_id,date\na,1,2024-03-05\n'));
    const column = await readCancellations(
      await file('customer_id,order_id,date,cancelled_at\na,1,2024-03-01,2024-03-05\na,2,2024-03-01,\n'),
    );
    expect(own.cancellations).toEqual([{ customerId: 'a', orderId: '1', at: noon }]);
    expect(column.cancellations).toEqual(own.cancellations);
  });
});
