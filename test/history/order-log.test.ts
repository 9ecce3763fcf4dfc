import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedColumns } from '../../infra/history/columns.ts';
import { hashedId } from '../../infra/history/customer-index.ts';
import { openText } from '../../infra/history/encoding.ts';
import { type OrderLog, type OrderLogOptions, readOrderLog } from '../../infra/history/order-log.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { filesOfTest } from './write-file.ts';

const file = filesOfTest();

const read = async (content: string | Uint8Array, options: OrderLogOptions = {}) =>
  readOrderLog(await file(content), options);

/** [customer, day, minor units] of each order, in the order of the log. */
function ordersOf({ customers, starts, at, minor }: OrderLog): (string | number | undefined)[][] {
  return customers.flatMap((customer, index) =>
    Array.from(at.subarray(starts[index], starts[index + 1]), (instant, place) => [
      customer,
      new Date(instant).toISOString().slice(0, 10),
      minor[(starts[index] ?? 0) + place],
    ]),
  );
}

const byText = (left: string, right: string): number => left.localeCompare(right);

describe('the order log', () => {
  it('groups by customer and sorts by time, whatever the order of the lines', async () => {
    const lines = ['a,2024-01-01,1', 'b,2024-01-02,2.50', 'a,2024-03-01,3', 'c,2024-01-01,', 'a,2024-02-01,4'];
    const expected = [
      ['a', '2024-01-01', 100],
      ['a', '2024-02-01', 400],
      ['a', '2024-03-01', 300],
      ['b', '2024-01-02', 250],
      ['c', '2024-01-01', NaN],
    ];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(lines, { minLength: lines.length }), async (shuffled) => {
        const { log } = await read(['customer_id,date,amount', ...shuffled].join('\n'));
        expect(ordersOf(log).map(String).toSorted(byText)).toEqual(expected.map(String).toSorted(byText));
        expect(log.starts.at(-1)).toBe(5);
        log.customers.forEach((_, index) => {
          const times = log.at.subarray(log.starts[index], log.starts[index + 1]);
          expect(times.toSorted()).toEqual(times);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('sorts a customer with more orders than are sorted by hand', async () => {
    const days = Array.from({ length: 90 }, (_, day) =>
      new Date(Date.UTC(2024, 0, 1 + ((day * 37) % 90))).toISOString(),
    );
    const { log } = await read(['customer_id,date', ...days.map((day) => `a,${day}`)].join('\n'));
    expect(log.at.toSorted()).toEqual(log.at);
    expect(log.at).toHaveLength(90);
  });

  it('does without amounts, and takes an empty one for unknown', async () => {
    const { log, bad } = await read('customer_id,date\na,2024-01-01\n');
    expect([log.minor[0], bad.total]).toEqual([NaN, 0]);
  });

  it.each([
    [
      'Shopify',
      'Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Discount Amount,Created at,Lineitem name,Id',
      '#1,a@x.example,paid,2024-03-05 15:00:00 +0100,EUR,9,12.50,1.00,2024-03-05 14:33:02 +0100,Tea,7',
    ],
    [
      'WooCommerce',
      'order_id;order_date;customer_id;billing_email;order_total;order_currency;cart_discount',
      '7;2024-03-05 13:33:02;41;a@x.example;12.50;EUR;1',
    ],
    [
      'Magento',
      '"increment_id","created_at","customer_id","grand_total","order_currency_code","discount_amount"',
      '"7","2024-03-05 13:33:02","41","12.50","EUR","1"',
    ],
    [
      'German',
      'Bestellnummer;Bestelldatum;Kundennummer;Gesamtbetrag;Währung;Rabatt',
      '7;05.03.2024 13:33:02;41;12,50 €;eur;1,00',
    ],
    [
      'Swedish',
      'Ordernummer\tBeställningsdatum\tKundnummer\tBelopp\tValuta\tRabatt',
      '7\t2024-03-05 13:33:02\t41\t12,50\tEUR\t1',
    ],
    ['Russian', 'Номер заказа|Дата заказа|Код клиента|Сумма|Валюта|Скидка', '7|05.03.2024 13:33:02|41|12,50|EUR|1'],
  ])('reads the header of %s', async (_what, header, line) => {
    const { log, bad } = await read(`${header}\n${line}\n`, { hashIds: header.startsWith('Name'), keepOrderIds: true });
    expect(bad.kept).toEqual([]);
    expect(log.at).toEqual(new Float64Array([Date.UTC(2024, 2, 5, 13, 33, 2)]));
    expect([log.minor[0], log.currencies[log.currency[0] ?? 0], log.discounted[0]]).toEqual([1250, 'EUR', 1]);
    expect(log.orderIds?.textOf(0)).toBe(header.startsWith('Name') ? '#1' : '7');
  });

  it.each([
    'Kunden-Nr',
    'Kunden Nr.',
    'KundenNr',
    'kunden_nummer',
    'Kundennr.',
    'CUSTOMER ID',
    'customerId',
    'CustomerID',
  ])('takes %s for the customer, however it is written', async (name) => {
    const { log } = await read(`Bestell-Nr;${name};Bestell-Datum;Gesamt-Betrag\n1;a;2024-01-01;5\n`);
    expect([log.customers, [...log.minor]]).toEqual([['a'], [500]]);
  });

  it('takes the columns that were named, and lists what there is when it cannot find one', async () => {
    const text = 'who;when\na;2024-01-01\n';
    const { log } = await read(text, { columns: namedColumns(['customer_id=WHO', 'date=when']) });
    expect(log.customers).toEqual(['a']);
    await expect(read(text)).rejects.toThrow(
      /the header lacks customer_id, date; .*"who, when".*--column customer_id=/,
    );
    await expect(read(text, { columns: { date: 'day' } })).rejects.toBeInstanceOf(UsageError);
    expect(() => namedColumns(['date'])).toThrow('FIELD=COLUMN');
    expect(() => namedColumns(['nonsense=x'])).toThrow('customer_id, date');
  });
});

describe('encodings', () => {
  const russian = 'customer_id,date,Сумма\nклиент-1,2024-01-01,5\nпокупатель-2,2024-01-02,6\n';
  const cp1251 = Uint8Array.from(russian, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code >= 0x410 && code <= 0x44f ? code - 0x350 : code;
  });

  it.each([
    ['UTF-8 with a byte order mark', `\uFEFF${russian}`, 'utf-8'],
    ['UTF-16', Buffer.from(`\uFEFF${russian}`, 'utf16le'), 'utf-16le'],
    [
      'UTF-16 without a mark',
      Buffer.from('customer_id,date,amount\nклиент-1,2024-01-01,5\nпокупатель-2,2024-01-02,6\n', 'utf16le'),
      'utf-16le',
    ],
    ['windows-1251', cp1251, 'windows-1251'],
    ['windows-1251, compressed', gzipSync(cp1251), 'windows-1251'],
  ])('reads %s', async (_what, content, encoding) => {
    const { log, format } = await read(content);
    expect([log.customers, format.encoding]).toEqual([['клиент-1', 'покупатель-2'], encoding]);
    expect([...log.minor]).toEqual([500, 600]);
  });

  it('reads a file that mixes two line by line, and says how many lines', async () => {
    const mixed = Buffer.concat([
      Buffer.from('customer_id,date\nsjö,2024-01-01\n'),
      Buffer.from('sj\u00f6-2,2024-01-01\n', 'latin1'),
      Buffer.from('ж,2024-01-01\n'),
    ]);
    const { log, format } = await read(mixed);
    expect(log.customers).toEqual(['sjö', 'sjö-2', 'ж']);
    expect(format.encoding).toBe('utf-8, but 1 line windows-1252');
  });

  it('takes the encoding it is told', async () => {
    const { log } = await read(
      Buffer.from([...Buffer.from('customer_id,date\n'), 0xc6, ...Buffer.from(',2024-01-01\n')]),
      {
        encoding: 'windows-1251',
      },
    );
    expect(log.customers).toEqual(['Ж']);
    await expect(read('customer_id,date\n', { encoding: 'klingon' })).rejects.toThrow('klingon');
  });

  it('reads what windows-1252 has and Latin-1 has not, found out or told', async () => {
    const lines = ['Bestellnr;Kunde;Datum;Betrag', '1;L\xE5ng\x92s f\xE4rg;2024-01-01;12,50 \x80', ''];
    const euro = Buffer.from(lines.join('\n'), 'latin1');
    for (const options of [{}, { encoding: 'windows-1252' }, { encoding: 'iso-8859-1' }]) {
      const { log, bad, format } = await read(euro, options);
      expect([bad.kept, log.customers, log.minor[0]]).toEqual([[], ['Lång’s färg'], 1250]);
      expect(format.encoding).toBe('windows-1252');
    }
  });

  it('has every character of windows-1252', async () => {
    const bytes = Uint8Array.from({ length: 0x80 }, (_, place) => 0x80 + place);
    const { chunks } = await openText(await file(bytes), { encoding: 'windows-1252' });
    // What neither has stays the control character it is.
    const windows = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ';
    const upper = Array.from({ length: 0x60 }, (_, place) => String.fromCodePoint(0xa0 + place)).join('');
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    expect(Buffer.concat(parts).toString()).toBe(`${windows}${upper}`);
  });

  it('reads line breaks of Windows and of old Macs, and counts them once', async () => {
    for (const end of ['\r\n', '\r']) {
      const { log, bad } = await read(['customer_id,date,name', 'a,2024-01-01,"x', 'y"', 'b,nonsense,', ''].join(end));
      expect(log.customers).toContain('a');
      expect(bad.kept).toMatchObject([{ line: 4 }]);
    }
  });

  it('refuses a spreadsheet in words', async () => {
    await expect(read(Buffer.from('PK\u0003\u0004rest'))).rejects.toThrow('save it as CSV');
  });
});

describe('what programs leave in a file', () => {
  it('is a title above the header: it is passed over, whatever stands between its fields', async () => {
    const comma = await read('Orders export\n\nGenerated 2024-03-01\ncustomer_id,date,amount\na,2024-03-05,1\nb,x,1\n');
    expect(ordersOf(comma.log)).toEqual([['a', '2024-03-05', 100]]);
    expect([comma.rows, comma.bad.kept.map(({ line }) => line), comma.format.header]).toEqual([
      2,
      [6],
      ['customer_id', 'date', 'amount'],
    ]);
    expect(comma.format.notes).toEqual(['The header is taken to be on line 4, below a title.']);
    const semicolons = await read('"Report, ""Q1""";;\nKundennummer;Kaufdatum;Betrag\na;05.03.2024;1,50\n', {
      columns: namedColumns(['date=Kaufdatum']),
    });
    expect(ordersOf(semicolons.log)).toEqual([['a', '2024-03-05', 150]]);
    await expect(read('Orders export\ncustomer_id,amount\na,1\n')).rejects.toThrow('the header lacks');
  });

  it('is a title that is the name of a column, too: the record with most columns that are known is the header', async () => {
    const titled = 'customer,date\nreport for,2024\ncustomer,date,amount\na,2024-04-03,5\n';
    const { log, rows, bad, format } = await read(titled);
    expect([ordersOf(log), rows, bad.total]).toEqual([[['a', '2024-04-03', 500]], 1, 0]);
    expect(format.notes).toEqual(['The header is taken to be on line 3, below a title.']);
  });

  it('is text kept as a formula, and a word for nothing', async () => {
    const { log, bad } = await read(
      'customer_id,date,amount,order_id\n="0001","=""2024-03-05""",="1.50",1\nb,2024-03-06,NULL,2\nc,2024-03-06,\\N,3\n',
    );
    expect(bad.kept).toEqual([]);
    expect(ordersOf(log)).toEqual([
      ['0001', '2024-03-05', 150],
      ['b', '2024-03-06', NaN],
      ['c', '2024-03-06', NaN],
    ]);
  });

  it('is a control character: a message spells it out', async () => {
    const { bad } = await read('customer_id,date,amount\na,2024-03-05,1.50\u0000\u001b[2J\n');
    expect(bad.kept[0]?.reason).toContain(String.raw`found "1.50\u0000\u001b[2J"`);
    await expect(read('\u001b[2J,date\na,2024-03-05\n')).rejects.toThrow(String.raw`"\u001b[2J, date"`);
  });

  it('is a zone that is not clear: the message names the option, which decides', async () => {
    const text = 'customer_id,date\na,2024-01-05 12:00:00 CST\n';
    expect((await read(text)).bad.kept[0]?.reason).toMatch(/^date: expected a time zone .* --time-zone .*CST"$/);
    const { log } = await read(text, { timeZone: 'America/Chicago' });
    expect(log.at[0]).toBe(Date.UTC(2024, 0, 5, 18));
  });
});

const dated = (dates: readonly string[]) => read(['customer_id,date', ...dates.map((date) => `a,${date}`)].join('\n'));

describe('what a file leaves open', () => {
  it('reads day and month as the rest of the file shows, though that comes last', async () => {
    const { log, format } = await read('customer_id,date\na,3/5/2024\na,4/5/2024\na,25/5/2024\n');
    expect(ordersOf(log).map(([, day]) => day)).toEqual(['2024-05-03', '2024-05-04', '2024-05-25']);
    expect(format.notes).toEqual([expect.stringMatching(/the day first: 1 date can only.*--date-order mdy/)]);
    const us = await read('customer_id,date\na,3/5/2024\na,3/25/2024\n');
    expect(ordersOf(us.log).map(([, day]) => day)).toEqual(['2024-03-05', '2024-03-25']);
  });

  it('goes by what follows closely, by AM and PM, or says that it does not know', async () => {
    const close = await read('customer_id,date\na,1/5/2024\na,1/6/2024\na,1/7/2024\na,1/8/2024\n');
    expect(ordersOf(close.log).at(-1)).toEqual(['a', '2024-01-08', NaN]);
    const half = await read('customer_id,date\na,3/5/2024 2:00 PM\n');
    expect(ordersOf(half.log)).toEqual([['a', '2024-03-05', NaN]]);
    const open = await read('customer_id,date\na,3/5/2024\n');
    expect(open.format.notes).toEqual([expect.stringContaining('CHECK THIS')]);
    expect(open.format.notes).toEqual([expect.stringContaining('no date tells')]);
    const told = await read('customer_id,date\na,3/5/2024\n', { dateOrder: 'mdy' });
    expect([ordersOf(told.log), told.format.notes]).toEqual([[['a', '2024-03-05', NaN]], []]);
  });

  it('says that dates contradict each other, and where, whether or not others are left open', async () => {
    const even =
      'the day first: 1 date can only be read so, first on line 2; 1 only the other way, first on line 3, and is refused; CHECK THIS. The other way: --date-order mdy';
    for (const more of [[], ['3/5/2024']]) {
      const { bad, format } = await dated(['13/02/2024', '02/28/2024', ...more]);
      expect(format.notes).toEqual([expect.stringContaining(even)]);
      expect(bad.kept.map(({ line }) => line)).toEqual([3]);
    }
    const uneven = await dated(['02/28/2024', '13/02/2024', '02/27/2024', '3/5/2024']);
    expect(uneven.format.notes).toEqual([
      expect.stringContaining(
        'the month first: 2 dates can only be read so, first on line 2; 1 only the other way, first on line 3, and is refused.',
      ),
    ]);
  });

  it('refuses the dates that fit only the other order', async () => {
    const { bad, rows } = await read('customer_id,date\na,3/5/2024\na,25/5/2024\na,26/5/2024\na,5/25/2024\n');
    expect([rows, bad.total, bad.kept[0]?.line]).toEqual([4, 1, 5]);
  });

  it.each([
    ['a comma in other rows', '"12,50"', 123_400],
    ['a point in other rows', '12.50', 123],
    ['no other mark at all', '12', 123_400],
  ])('reads 1.234 by %s', async (_what, elsewhere, minor) => {
    const { log } = await read(`customer_id,date,amount\na,2024-01-01,1.234\na,2024-01-02,${elsewhere}\n`);
    expect(log.minor[0]).toBe(minor);
  });

  it('forgets what it read before it decided', async () => {
    const { log, bad, rows } = await read('customer_id,date,order_id\na,nonsense,1\na,2024-01-01,2\na,3/5/2024,3\n');
    expect([log.at.length, bad.total, rows]).toEqual([2, 1, 3]);
  });
});

const linesAsOrders = async (header: string, ...lines: readonly string[]) => {
  const { log: found, format } = await read([header, ...lines].join('\n'));
  return { orders: ordersOf(found), notes: format.notes };
};

describe('several lines of one order', () => {
  it('adds up the amounts of items', async () => {
    const { orders, notes } = await linesAsOrders(
      'customer_id,date,amount,order_id',
      'a,2024-01-01,5,1',
      'b,2024-01-01,1,1',
      'a,2024-01-01,2,1',
    );
    expect(orders).toEqual([
      ['a', '2024-01-01', 700],
      ['b', '2024-01-01', 100],
    ]);
    expect(notes).toEqual([expect.stringContaining('added up')]);
  });

  it('counts a total that is repeated on each line once', async () => {
    const lines = ['1', '2', '3'].flatMap((id) => [`a,2024-01-0${id},5,${id}`, `a,2024-01-0${id},5,${id}`]);
    const { orders, notes } = await linesAsOrders('customer_id,date,amount,order_id', ...lines);
    expect(orders.map(([, , minor]) => minor)).toEqual([500, 500, 500]);
    expect(notes).toEqual([expect.stringContaining('counts once')]);
  });

  it('takes the total from the one line that has it, and adds up a column of items always', async () => {
    expect(
      (await linesAsOrders('customer_id,date,amount,order_id', 'a,2024-01-01,,1', 'a,2024-01-01,5,1')).orders,
    ).toEqual([['a', '2024-01-01', 500]]);
    expect(
      (await linesAsOrders('customer_id,date,line_total,order_id', 'a,2024-01-01,5,1', 'a,2024-01-01,5,1')).orders,
    ).toEqual([['a', '2024-01-01', 1000]]);
  });

  it('keeps the earliest of what is told twice, and every line without an id', async () => {
    const { orders, notes } = await linesAsOrders(
      'customer_id,date,amount,order_id',
      'a,2024-02-01,9,1',
      'a,2024-01-01,5,1',
      'a,2024-01-01,5,',
      'a,2024-01-01,5,',
    );
    expect(orders).toEqual([
      ['a', '2024-01-01', 500],
      ['a', '2024-01-01', 500],
      ['a', '2024-01-01', 500],
    ]);
    expect(notes).toEqual([expect.stringContaining('1 line repeats an order id')]);
  });

  it('leaves out what its status calls no order', async () => {
    const { orders, notes } = await linesAsOrders(
      'customer_id,date,status',
      'a,2024-01-01,wc-completed',
      'a,2024-01-02,Cancelled',
      'a,2024-01-03,refunded',
    );
    expect(orders.map(([, day]) => day)).toEqual(['2024-01-01', '2024-01-03']);
    expect(notes).toEqual([expect.stringContaining('1 line left out')]);
  });
});

it('leaves out what was cancelled or voided in an export of Shopify, with all its lines', async () => {
  const { orders, notes } = await linesAsOrders(
    'Name,customer_id,Financial Status,Created at,Total,Lineitem name,Cancelled at',
    '#1,a,paid,2024-01-01,5,Tea,',
    '#1,a,,2024-01-01,,Cup,',
    '#2,a,voided,2024-01-02,5,Tea,',
    '#2,a,,2024-01-02,,Cup,',
    '#3,a,paid,2024-01-03,5,Tea,2024-01-04',
    '#3,a,,2024-01-03,,Cup,',
    '#4,a,refunded,2024-01-05,5,Tea,0000-00-00 00:00:00',
  );
  expect(orders).toEqual([
    ['a', '2024-01-01', 500],
    ['a', '2024-01-05', 500],
  ]);
  expect(notes).toContainEqual(expect.stringMatching(/^4 lines left out/));
});

describe('bad rows', () => {
  it('name file, lines and column, count by reason, keep so many, and repeat no address', async () => {
    const { bad } = await read(
      'customer_id,date,amount\na,x@y.example,1\n"b\nc",nonsense,1\nanna@x.example,2024-01-01,1\n,,-5\n',
      { badRowsKept: 3 },
    );
    expect(bad.total).toBe(4);
    expect(bad.kept.map(({ line, begins, reason }) => [begins, line, reason])).toEqual([
      [undefined, 2, expect.stringMatching(/^date: .* found what looks like an e-mail address$/)],
      [3, 4, expect.stringMatching(/^customer_id: .*date: .*"nonsense"$/s)],
      [undefined, 5, expect.stringContaining('--hash-ids')],
    ]);
    expect(JSON.stringify([bad, ...bad.byReason])).not.toContain('y.example');
    expect(bad.byReason.get('date: missing')).toBe(1);
  });

  it('are dates that cannot have come yet, where a last instant is given', async () => {
    const text = 'customer_id,date\na,2024-01-01\nb,2099-01-01\nc,2024-01-02\n';
    const { log, bad } = await read(text, { notAfter: Date.UTC(2024, 0, 1, 12) });
    expect(log.at).toHaveLength(1);
    expect(bad.kept.map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'date: expected a date that is not in the future, found "2099-01-01"'],
      [4, 'date: expected a date that is not in the future, found "2024-01-02"'],
    ]);
    expect((await read(text)).log.at).toHaveLength(3);
  });

  it('replaces addresses by hashes, one for each person, when asked', async () => {
    const { log } = await read('customer_id,date\nAnna@x.example,2024-01-01\nanna@X.example,2024-01-02\n', {
      hashIds: true,
    });
    expect(log.customers).toEqual([hashedId('anna@x.example')]);
    expect(log.at).toHaveLength(2);
  });

  it('refuses a file that names people by address only, unless asked', async () => {
    const text = 'Email,Created at\na@x.example,2024-01-01\n';
    await expect(read(text)).rejects.toThrow(/only their e-mail address.*--hash-ids/);
    expect((await read(text, { hashIds: true })).log.customers).toHaveLength(1);
  });

  it('loses one row to a quote that is not closed, and goes on behind it', async () => {
    const { log, bad, rows } = await read('customer_id,date\na,2024-01-01\n\n"b,2024-01-01\nc,2024-01-01');
    expect([log.customers, rows, bad.kept.map(({ line }) => line)]).toEqual([['a', 'c'], 3, [4]]);
    const last = await read('customer_id,date\na,2024-01-01\n"b,2024-01-01');
    expect([last.log.customers, last.bad.kept.map(({ line }) => line)]).toEqual([['a'], [3]]);
  });
});

const CDNOW = path.resolve('../shared/data/cdnow_sample.csv');
const cdnow = await readFile(CDNOW).catch(() => undefined);
if (cdnow === undefined) console.log(`not there, so not read: ${CDNOW}`);

it.skipIf(cdnow === undefined)('reads the public sample whole', async () => {
  const { log, bad, rows } = await readOrderLog(CDNOW);
  expect([rows, bad.total, log.customers.length, log.at.length]).toEqual([6919, 0, 2357, 6919]);
});
