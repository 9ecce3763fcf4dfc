import { describe, expect, it } from 'vitest';
import { readCancellations } from '../../infra/history/cancellations.ts';
import { readComplaintLog } from '../../infra/history/complaints.ts';
import { readCustomers } from '../../infra/history/customers.ts';
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
          '3;;;eva@x.example;;;\n' +
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
      [5, expect.stringMatching(/^email: .*consent: expected opt_in.*"maybe"/)],
    ]);
  });
});

it('an objection is kept, though the address or the language of its line is wrong', async () => {
  const { people, bad, format } = await readCustomers(
    await file('customer_id,email,locale,consent\n1,not an address,xx_!!,no\n2,not an address,,yes\n'),
  );
  expect(people).toEqual([{ customerId: '1', marketing: 'none' }]);
  expect(bad.total).toBe(2);
  expect(format.notes).toContainEqual(expect.stringMatching(/objections in 1 row .* kept/));
  const pinpoint = await readCustomers(
    await file(endpoint({ Address: 'not an address', OptOut: 'ALL' }), 'endpoints.json'),
  );
  expect(pinpoint.people).toMatchObject([{ customerId: 'u-1', marketing: 'none' }]);
  expect(pinpoint.people[0]).not.toHaveProperty('email');
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
    expect(format.notes.join(' ')).toMatch(/no consent.*1 endpoints of other channels.*1 inactive/);
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
    expect(format.notes.join(' ')).toContain('2 inactive endpoints are left out, but for the objections of 1.');
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
