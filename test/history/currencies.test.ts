/** What currency the amounts of an export are in, where it has no column that says so. */
import { describe, expect, it } from 'vitest';
import { markIn } from '../../infra/history/currency-marks.ts';
import { type OrderLogOptions, readOrderLog } from '../../infra/history/order-log.ts';
import { readOrders } from '../../infra/local/player/rows.ts';
import { filesOfTest } from './write-file.ts';

const write = filesOfTest();
const fileOf = (...amounts: readonly string[]) =>
  write(`customer;date;amount\n${amounts.map((amount, row) => `c-${row};2024-01-0${row + 1};${amount}`).join('\n')}\n`);

/** Each order as "minor units code", what was refused, and what was told of the file. */
async function paid(amounts: readonly string[], options: OrderLogOptions = {}) {
  const file = await fileOf(...amounts);
  const { log, bad, format } = await readOrderLog(file, options);
  const orders = Array.from(log.minor, (minor, order) => `${minor} ${log.currencies[log.currency[order] ?? 0] ?? ''}`);
  const { rows } = await readOrders(file, options);
  // The player of the twin takes the same ones.
  expect(rows.map(({ currency = 'USD' }) => currency)).toEqual(orders.map((order) => order.split(' ')[1]));
  return { orders, refused: bad.kept.map(({ line, reason }) => `${line} ${reason}`), format };
}

describe('the currency of an amount', () => {
  it.each([
    ['€ 12,50', 'EUR'],
    ['12,50 €', 'EUR'],
    ['£12.50', 'GBP'],
    ['₹12.50', 'INR'],
    ['12,50 zł', 'PLN'],
    ['12,50 ₽', 'RUB'],
    ['12,50 руб.', 'RUB'],
    ['SEK 12,50', 'SEK'],
    ['12.50 chf', 'CHF'],
    ['US$ 12.50', 'USD'],
    ['CA$12.50', 'CAD'],
    ['R$ 12,50', 'BRL'],
    ['12.50', 'USD'],
  ])('of %s is %s', async (amount, code) => {
    const { orders, format } = await paid([amount]);
    expect(orders).toEqual([`1250 ${code}`]);
    expect(format.currency).toBe(code);
  });

  it('has as many decimals as it says', async () => {
    expect((await paid(['₩ 1200'])).orders).toEqual(['1200 KRW']);
    expect((await paid(['1200 JPY', '900'])).orders).toEqual(['1200 JPY', '900 JPY']);
  });

  it('that fits several is not guessed: the row is refused, and told which option says it', async () => {
    const { orders, refused } = await paid(['12,50 kr', '¥ 900', '7']);
    expect(orders).toEqual(['700 USD']);
    expect(refused).toEqual([
      '2 amount: expected --currency to say which of SEK, NOK, DKK, ISK is meant by "kr"',
      '3 amount: expected --currency to say which of JPY, CNY is meant by "¥"',
    ]);
    expect((await paid(['12,50 kr', '7'], { currency: 'NOK' })).orders).toEqual(['1250 NOK', '700 NOK']);
    // One that the sign cannot mean says nothing about it.
    expect((await paid(['12,50 kr'], { currency: 'EUR' })).refused).toHaveLength(1);
  });

  it('with a dollar is that of the option where it is one, else USD, which is told', async () => {
    const { orders, format } = await paid(['$12.50']);
    expect(orders).toEqual(['1250 USD']);
    expect(format.notes).toContain('Amounts with "$" are read as USD. Another dollar: --currency, such as CAD.');
    expect((await paid(['$12.50'], { currency: 'CAD' })).orders).toEqual(['1250 CAD']);
    expect((await paid(['$12.50'], { currency: 'EUR' })).orders).toEqual(['1250 USD']);
  });

  it('that tells none is that of all others, unless they differ or somebody says it', async () => {
    const { orders, format } = await paid(['12,50 €', '7,00']);
    expect(orders).toEqual(['1250 EUR', '700 EUR']);
    expect(format.notes).toContain('Amounts without a currency are read as EUR, as the others of the file.');
    expect((await paid(['12,50 €', '7,00'], { currency: 'CHF' })).orders).toEqual(['1250 EUR', '700 CHF']);
    expect((await paid(['12,50 €', '3,00 £', '7,00'])).orders).toEqual(['1250 EUR', '300 GBP', '700 USD']);
  });

  it('is that of the column where there is one, and its amount tells it where the cell is empty', async () => {
    const file = await write('customer,date,amount,currency\na,2024-01-01,€5,SEK\nb,2024-01-02,€5,\nc,2024-01-03,5,\n');
    const { log } = await readOrderLog(file);
    expect(Array.from(log.currency, (number) => log.currencies[number])).toEqual(['SEK', 'EUR', 'USD']);
  });

  it('beside which something unknown stands is told of', async () => {
    const { orders, format } = await paid(['12 units']);
    expect(orders).toEqual(['1200 USD']);
    expect(format.notes).toContain(
      'Beside amounts stands "units", which is taken for no currency: --currency says one.',
    );
  });
});

/** Each order as "id minor units code". */
async function ordersIn(text: string, options: OrderLogOptions = {}): Promise<readonly string[]> {
  const { log } = await readOrderLog(await write(text), { ...options, keepOrderIds: true });
  return Array.from(
    log.minor,
    (minor, order) => `${log.orderIds?.textOf(order)} ${minor} ${log.currencies[log.currency[order] ?? 0]}`,
  );
}

describe('the currency of an order of several lines', () => {
  const header = 'customer,date,order_id,amount,currency';

  it.each([
    ['EUR', '16.00', 1600],
    ['JPY', '1600', 1600],
    ['KWD', '1.2345', 1235],
  ])('is that of the line that has the total, in %s', async (code, amount, minor) => {
    const order = `a,2024-01-01,1,${amount},${code}\na,2024-01-01,1,,\n`;
    expect(await ordersIn(`${header}\n${order}`)).toEqual([`1 ${minor} ${code}`]);
    // The others of the file tell another one.
    const others = 'b,2024-01-02,2,5.00,SEK\nb,2024-01-02,2,,\n';
    expect(await ordersIn(`${header}\n${order}${others}`)).toEqual([`1 ${minor} ${code}`, '2 500 SEK']);
  });

  it('is that of its other lines, with their decimals, where a line has an amount alone', async () => {
    const lines = [
      'a,2024-01-01,1,1600,JPY',
      'a,2024-01-01,1,400,',
      'b,2024-01-02,2,1.2345,KWD',
      'b,2024-01-02,2,3.5,',
    ];
    const orders = ['1 2000 JPY', '2 4735 KWD'];
    expect(await ordersIn([header, ...lines].join('\n'))).toEqual(orders);
    expect(await ordersIn([header, ...lines].join('\n'), { currency: 'EUR' })).toEqual(orders);
  });

  it('is that of all others where no line tells it, and the default, told, where those differ', async () => {
    const untold = 'c,2024-01-03,3,5.5,';
    const file = await write(`${header}\na,2024-01-01,1,1600,JPY\nb,2024-01-02,2,5.00,USD\n${untold}\n`);
    const { log, format } = await readOrderLog(file);
    expect([...log.currency].map((number) => log.currencies[number])).toEqual(['JPY', 'USD', 'USD']);
    expect([...log.minor]).toEqual([1600, 500, 550]);
    expect(format.notes).toContain(
      '1 amount without a currency is read as USD, for the others tell several: --currency says another.',
    );
    expect(await ordersIn(`${header}\na,2024-01-01,1,1.2345,KWD\n${untold}\n`)).toEqual(['1 1235 KWD', '3 5500 KWD']);
  });
});

it('a mark is what stands beside the digits, without signs and points', () => {
  expect(['12', '-12,50 €', '(€ 12.00)', '12 руб.', "CHF 1'234.50", ''].map(markIn)).toEqual([
    '',
    '€',
    '€',
    'руб',
    'chf',
    '',
  ]);
});
