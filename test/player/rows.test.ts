import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOrderLog } from '../../infra/history/order-log.ts';
import { readComplaints, readLogins, readOrders } from '../../infra/local/player/rows.ts';
import { UsageError } from '../../infra/local/usage-error.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'rows-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(text: string): Promise<string> {
  const name = path.join(directory, 'export.csv');
  await writeFile(name, text);
  return name;
}

/** Reasons by line of an orders file whose header names the three required columns. */
async function reasons(...lines: readonly string[]): Promise<Record<number, string>> {
  const { bad } = await readOrders(await file(['customer_id,date,amount', ...lines].join('\n')));
  return Object.fromEntries(bad.map((row) => [row.line, row.reason]));
}

describe('orders', () => {
  it('are those that a backtest sees, whatever is wrong with the person', async () => {
    const name = await file(
      'customer_id,date,amount,email,locale,name,discount\n' +
        `a,2026-01-01,1,bad@,en,A,\na,2026-01-02,1,a@example.com,English!,A,\na,2026-01-03,1,,en_US,${'N'.repeat(201)},\n` +
        'b,2026-01-04,1,,,,many\nb,someday,1,,,,\n,2026-01-05,1,,,,\nb,2026-01-06,x,,,,\nb,2026-01-07,1,,,,,stray\n',
    );
    const { rows, bad, notes } = await readOrders(name);
    const backtest = await readOrderLog(name);
    expect(rows.map(({ date }) => date)).toEqual([...backtest.log.at]);
    expect(bad).toEqual(backtest.bad.kept);
    expect([rows.map(({ locale }) => locale), bad.length]).toEqual([['en', undefined, 'en-US'], 5]);
    expect(notes[0]).toBe('3 rows are read without a cell that cannot be:');
  });

  it('takes a byte order mark, quoted fields, columns in any order and ignores those it does not know', async () => {
    const name = await file(
      '\uFEFFn_cds,Amount,"customer_id",date,name\r\n2,"29.33",0001,1997-01-01,"Öberg, Maja ""M"""\r\n',
    );
    expect(await readOrders(name)).toEqual({
      rows: [{ customer_id: '0001', date: Date.UTC(1997, 0, 1, 12), amount: 29.33, name: 'Öberg, Maja "M"' }],
      bad: [],
      notes: [],
    });
  });

  it('reads the optional columns, takes empty cells for absent ones, and the only currency for that of all', async () => {
    const name = await file(
      'customer_id,date,amount,order_id,email,locale,currency,discount\n' +
        'a,2026-01-02T08:30:00+01:00,10,o-1,a@example.com,sv-SE,sek,2.5\n' +
        'b,2026-01-02 08:30,0.00,,,,,\n',
    );
    const { rows } = await readOrders(name);
    expect(rows).toEqual([
      {
        customer_id: 'a',
        date: Date.UTC(2026, 0, 2, 7, 30),
        amount: 10,
        order_id: 'o-1',
        email: 'a@example.com',
        locale: 'sv-SE',
        currency: 'SEK',
        discount: 2.5,
      },
      { customer_id: 'b', date: Date.UTC(2026, 0, 2, 8, 30), amount: 0, currency: 'SEK' },
    ]);
  });

  it('reads what other shops export, one row an order, and says what it found out', async () => {
    const name = await file(
      'Bestellnummer;Bestelldatum;Kundennummer;Gesamtbetrag\n7;5/3/2026;a;1.234,50 €\n7;5/3/2026;a;0,50\n8;25/3/2026;a;9\n',
    );
    const { rows, bad, notes } = await readOrders(name, { currency: 'EUR' });
    expect(bad).toEqual([]);
    expect(rows).toEqual([
      { customer_id: 'a', date: Date.UTC(2026, 2, 5, 12), amount: 1235, order_id: '7', currency: 'EUR' },
      { customer_id: 'a', date: Date.UTC(2026, 2, 25, 12), amount: 9, order_id: '8', currency: 'EUR' },
    ]);
    expect(notes).toEqual([
      expect.stringContaining('the day first'),
      'Amounts with "€" are read as EUR.',
      expect.stringContaining('added up'),
    ]);
  });

  it('takes further lines of an order without an amount for parts of it, in its currency; an order needs one', async () => {
    const name = await file(
      'Name,Email,Financial Status,Currency,Total,Created at,Lineitem name\n' +
        '#1,kim@x.example,paid,EUR,16.00,2024-03-05 14:33:00 +0100,Thing\n' +
        '#1,kim@x.example,,,,2024-03-05 14:33:00 +0100,Other\n' +
        '#2,lee@x.example,paid,SEK,99.00,2024-03-06 14:33:00 +0100,Thing\n' +
        '#3,lee@x.example,paid,SEK,,2024-03-07 14:33:00 +0100,Thing\n',
    );
    const { rows, bad } = await readOrders(name, { hashIds: true });
    expect(rows.map(({ order_id: id, amount, currency }) => [id, amount, currency])).toEqual([
      ['#1', 16, 'EUR'],
      ['#2', 99, 'SEK'],
    ]);
    expect(bad).toEqual([{ file: 'export.csv', line: 5, reason: 'amount: missing' }]);
  });

  it('reports each bad row with its line and goes on', async () => {
    const found = await reasons(
      'a,2026-01-01,1',
      'a,2026-02-30,1',
      'a,,1',
      'a,2026-01-01,-1',
      'a,2026-01-01,Infinity',
      'a,2026-01-01,1e400',
      'a,2026-01-01,',
      ',2026-01-01,1',
      `${'ä'.repeat(65)},2026-01-01,1`,
      'anna@example.com,2026-01-01,1',
      'a,2026-01-01,1,234.50',
      'a,13/13/2026,1',
      `${'ä'.repeat(64)},2026-01-01,1`,
    );
    expect(found).toEqual({
      3: expect.stringMatching(/^date: .*"2026-02-30"/),
      4: 'date: missing',
      5: expect.stringMatching(/^amount: .*"-1"/),
      6: expect.stringMatching(/^amount: .*"Infinity"/),
      7: expect.stringMatching(/^amount: .*"1e400"/),
      8: 'amount: missing',
      9: 'customer_id: missing',
      10: expect.stringMatching(/^customer_id: .*128 bytes/),
      11: expect.stringMatching(/^customer_id: .*not an e-mail address/),
      12: expect.stringContaining('more fields than the header'),
      13: expect.stringMatching(/^date: .*"13\/13\/2026"/),
    });
  });

  it('names every fault of a row, but repeats no address', async () => {
    const name = await file('customer_id,date,amount,email,currency\na,2026-01-01,1,not an address,EURO\n');
    const { rows, bad } = await readOrders(name);
    expect(rows).toEqual([]);
    expect(bad).toEqual([
      { file: 'export.csv', line: 2, reason: expect.stringMatching(/^currency: .*ISO 4217.*; email: /) },
    ]);
    expect(bad[0]?.reason).not.toContain('not an address');
  });

  it('loses no other row to a stray quote', async () => {
    const name = await file(
      'customer_id,date,amount\na"b,2026-01-01,1\n"c"d,2026-01-01,2\n\n"f,2026-01-01,4\ng,2026-01-01,5\n',
    );
    const { rows, bad } = await readOrders(name);
    expect(rows.map((row) => row.amount)).toEqual([1, 2, 5]);
    expect(bad.map((row) => [row.line, row.reason])).toEqual([[5, 'opens a quote that is not closed']]);
  });

  it('does not look for the end of a quote through the whole of a long file', async () => {
    const line = 'a,2026-01-01,1\n';
    const name = await file(`customer_id,date,amount\n"open,2026-01-01,1\n${line.repeat(20_000)}`);
    const { rows, bad } = await readOrders(name);
    expect(rows).toHaveLength(20_000);
    expect(bad.map((row) => row.line)).toEqual([2]);
  });

  it('counts lines through empty ones and quoted line breaks', async () => {
    const found = await reasons('', '"a', 'b",2026-01-01,1', '', 'x,nonsense,1');
    expect(Object.keys(found)).toEqual(['4', '6']);
  });

  it.each([
    ['a header that lacks a column', 'customer_id,amount\na,1\n', 'the header lacks date'],
    ['an empty file', '', 'the header lacks customer_id, date, amount'],
    ['no header at all', '0001,1997-01-01,29.33\n', 'the header lacks customer_id, date, amount'],
  ])('refuses %s', async (_what, text, message) => {
    await expect(readOrders(await file(text))).rejects.toThrow(message);
    await expect(readOrders(await file(text))).rejects.toBeInstanceOf(UsageError);
  });

  it('refuses a file that cannot be read in one line', async () => {
    await expect(readOrders(path.join(directory, 'absent.csv'))).rejects.toThrow(/^cannot read .*absent\.csv: [^\n]+$/);
  });
});

describe('logins and complaints', () => {
  it('reads logins', async () => {
    const name = await file('date,customer_id\n2026-01-01,a\n,b\n');
    expect(await readLogins(name)).toEqual({
      rows: [{ customer_id: 'a', date: Date.UTC(2026, 0, 1, 12) }],
      bad: [{ file: 'export.csv', line: 3, reason: 'date: missing' }],
      notes: [],
    });
  });

  it('reads complaints and refuses one that was solved before it began', async () => {
    const name = await file(
      'customer_id,date,complaint_id,channel,severity,resolved\n' +
        'a,2026-01-05,k-1,phone,HIGH,2026-01-05\n' +
        'a,2026-01-05,k-2,phone,high,2026-01-04\n' +
        'a,2026-01-05,k-3,phone,dire,\n',
    );
    const { rows, bad } = await readComplaints(name);
    const noon = Date.UTC(2026, 0, 5, 12);
    expect(rows).toEqual([
      { customer_id: 'a', date: noon, complaint_id: 'k-1', channel: 'phone', severity: 'high', resolved: noon },
    ]);
    expect(bad.map((row) => [row.line, row.reason])).toEqual([
      [3, 'resolved: expected a date that is not before the complaint'],
      [4, 'severity: expected one of low, normal, high'],
    ]);
  });
});
