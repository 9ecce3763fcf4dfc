/** Which column of a header is meant by which field. Spelling, language and order of the header do not matter. */
import { UsageError } from '../local/usage-error.ts';
import { quoted, visible } from './bad-rows.ts';

/**
 * What headers call a field, the most telling first; compared without case, accents, blanks and punctuation, so each is
 * here once. Shopify, WooCommerce, Magento, PrestaShop and the usual words of some languages.
 */
const SPELLINGS = {
  customer_id: [
    'customer id',
    'customer',
    'customer number',
    'customer no',
    'client id',
    'user id',
    'customer user',
    'cust id',
    'buyer id',
    'account id',
    'contact id',
    'shopper id',
    'member id',
    'id customer',
    'kundennummer',
    'kundennr',
    'kunden id',
    'kunde',
    'kundnummer',
    'kundnr',
    'kund id',
    'kund',
    'klant id',
    'id client',
    'numero client',
    'id cliente',
    'cliente',
    'ид клиента',
    'код клиента',
    'клиент',
    'покупатель',
  ],
  date: [
    'date',
    'created at',
    'order date',
    'ordered at',
    'date created',
    'date created gmt',
    'purchase date',
    'purchased at',
    'purchase time',
    'order created at',
    'order time',
    'order datetime',
    'invoice date',
    'transaction date',
    'timestamp',
    'datetime',
    'occurred at',
    'time',
    'date add',
    'post date',
    'paid date',
    'login at',
    'login date',
    'logged in at',
    'last login',
    'opened at',
    'created',
    'day',
    'event time',
    'bestelldatum',
    'datum',
    'rechnungsdatum',
    'kaufdatum',
    'orderdatum',
    'beställningsdatum',
    'köpdatum',
    'inköpsdatum',
    'date de commande',
    'fecha',
    'data',
    'дата заказа',
    'дата',
    'дата покупки',
  ],
  cancelled_at: [
    'cancelled at',
    'canceled at',
    'cancelled on',
    'cancelled date',
    'date cancelled',
    'cancellation date',
    'cancel date',
    'storniert am',
    'avbruten',
  ],
  amount: [
    'amount',
    'total',
    'order total',
    'grand total',
    'grand total purchased',
    'grand total base',
    'total price',
    'order total amount',
    'order amount',
    'total amount',
    'total paid',
    'revenue',
    'value',
    'sales',
    'net sales',
    'total sales',
    'total spent',
    'price total',
    'sum',
    'subtotal',
    'gesamtbetrag',
    'gesamtsumme',
    'gesamt',
    'betrag',
    'summe',
    'umsatz',
    'bestellwert',
    'totalt',
    'belopp',
    'summa',
    'ordersumma',
    'ordervärde',
    'montant',
    'importe',
    'сумма',
    'сумма заказа',
    'итого',
    'стоимость',
  ],
  line_total: [
    'line total',
    'item total',
    'lineitem total',
    'line amount',
    'item amount',
    'item price',
    'line price',
    'product total',
    'row total',
    'positionssumme',
    'radsumma',
    'radbelopp',
  ],
  order_id: [
    'order id',
    'order number',
    'order no',
    'order',
    'increment id',
    'invoice',
    'invoice no',
    'invoice number',
    'transaction id',
    'receipt',
    'receipt id',
    'bestellnummer',
    'bestellnr',
    'auftragsnummer',
    'auftragsnr',
    'ordernummer',
    'ordernr',
    'beställningsnummer',
    'номер заказа',
    'заказ',
    'id заказа',
  ],
  email: [
    'email',
    'email address',
    'customer email',
    'billing email',
    'mail',
    'address email',
    'e mail adresse',
    'epost',
    'e postadress',
    'электронная почта',
    'почта',
    'эл почта',
  ],
  name: ['name', 'customer name', 'full name', 'billing name', 'display name', 'kundenname', 'namn', 'имя', 'фио'],
  first_name: ['first name', 'billing first name', 'given name', 'vorname', 'förnamn', 'имя клиента'],
  last_name: ['last name', 'billing last name', 'surname', 'family name', 'nachname', 'efternamn', 'фамилия'],
  locale: ['locale', 'language', 'customer locale', 'lang', 'sprache', 'språk', 'язык'],
  time_zone: ['time zone', 'tz', 'zeitzone', 'tidszon', 'часовой пояс'],
  currency: ['currency', 'currency code', 'order currency', 'order currency code', 'währung', 'valuta', 'валюта'],
  discount: [
    'discount',
    'discount amount',
    'discount total',
    'cart discount',
    'total discount',
    'total discounts',
    'order discount',
    'rabatt',
    'rabattbetrag',
    'скидка',
  ],
  status: ['status', 'order status', 'post status', 'financial status', 'bestellstatus', 'auftragsstatus', 'статус'],
  complaint_id: ['complaint id', 'ticket id', 'case id', 'case number', 'ticket', 'id', 'ticketnummer', 'ärendenummer'],
  channel: ['channel', 'via', 'kanal', 'канал'],
  severity: ['severity', 'priority', 'priorität', 'prioritet', 'приоритет'],
  resolved: ['resolved', 'resolved at', 'solved at', 'closed at', 'closed', 'gelöst am', 'löst'],
  code: ['code', 'coupon', 'coupon code', 'voucher', 'gutscheincode', 'kod', 'код'],
  consent: [
    'consent',
    'marketing consent',
    'accepts marketing',
    'accepts email marketing',
    'email marketing consent',
    'opt in',
    'newsletter',
    'is subscribed',
    'subscribed',
    'marketing',
    'einwilligung',
    'samtycke',
    'nyhetsbrev',
    'согласие',
  ],
  consent_at: [
    'consent at',
    'consent date',
    'opt in date',
    'optin time',
    'opted in at',
    'consent updated at',
    'subscribed at',
  ],
  consent_source: ['consent source', 'opt in source', 'signup source'],
  consent_wording: ['consent wording', 'wording'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Field = keyof typeof SPELLINGS;
export const FIELDS = Object.keys(SPELLINGS).filter((name): name is Field => Object.hasOwn(SPELLINGS, name));

/** Columns only an export of Shopify has, where the order is called "Name" and the time of payment has its own column. */
const SHOPIFY = ['financial status', 'lineitem name', 'fulfillment status'];

/** Fields by the names a shop gave to their columns, such as { date: 'Bestelldatum' }. */
export type ColumnNames = Readonly<Partial<Record<Field, string>>>;

/** The place of each field in a record, counted from 0; a field nobody found is absent. */
export type Places = ReadonlyMap<Field, number>;

/**
 * Finds the columns of the fields.
 *
 * @param named what the person said on the command line; it counts before any spelling
 * @throws UsageError when a named column is not there
 */
export function placesOf(
  header: readonly string[],
  fields: readonly Field[],
  named: ColumnNames,
  file: string,
): Places {
  const names = header.map(plain);
  const isShopify = SHOPIFY.some((each) => names.includes(plain(each)));
  const places = new Map<Field, number>();
  for (const field of fields) {
    const wanted = named[field];
    const spellings: readonly string[] = wanted === undefined ? spellingsOf(field, isShopify) : [wanted];
    const place = spellings.map((spelling) => names.indexOf(plain(spelling))).find((each) => each !== -1);
    if (place !== undefined) places.set(field, place);
    else if (wanted !== undefined)
      throw new UsageError(`${file}: no column "${wanted}" for ${field}; the header is ${headerInWords(header)}`);
  }
  return places;
}

/** @throws UsageError naming what is missing, what was found, and how to say which column it is */
export function expectColumns(
  places: Places,
  required: readonly Field[],
  header: readonly string[],
  file: string,
): void {
  const missing = required.filter((field) => !places.has(field));
  if (missing.length === 0) return;
  const how = missing.map((field) => `--column ${field}="..."`).join(' ');
  throw new UsageError(
    `${file}: the header lacks ${missing.join(', ')}; the first line is ${headerInWords(header)}. If a column of another name is meant: ${how}`,
  );
}

function spellingsOf(field: Field, isShopify: boolean): readonly string[] {
  if (!isShopify) return SPELLINGS[field];
  if (field === 'order_id') return ['name', ...SPELLINGS.order_id];
  return field === 'name' ? ['billing name', 'shipping name'] : SPELLINGS[field];
}

/** Letters in lower case, without accents, and digits. Kunden-Nr, Kunden Nr. and KundenNr are the same. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

/** Characters of a header that a message repeats. */
const HEADER_LIMIT = 300;

/** A file without a header begins with a customer, whose address is not repeated. */
function headerInWords(header: readonly string[]): string {
  const text = Array.from(header.join(', '), visible).join('');
  if (text.includes('@')) return quoted(text);
  if (text === '') return 'empty';
  return text.length > HEADER_LIMIT ? `"${text.slice(0, HEADER_LIMIT)}..."` : `"${text}"`;
}

/**
 * Reads `date=Bestelldatum`.
 *
 * @throws UsageError
 */
export function namedColumns(texts: readonly string[]): ColumnNames {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name = '', column = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      const field = FIELDS.find((each) => each === name.trim());
      if (field === undefined || column.trim() === '')
        throw new UsageError(
          `--column expects FIELD=COLUMN with one of the fields ${FIELDS.join(', ')}, found "${text}"`,
        );
      return [field, column.trim()];
    }),
  );
}
