/**
 * What a shop and its people would have written of a sample order, in the language of whoever reads: names of articles and what
 * was agreed come from the shop's events as they are, and an English one in a Persian mail looks like a mistake. Build time and
 * pages only.
 */
import { FALLBACK_LOCALE } from './locale.ts';

interface SampleWords {
  readonly teapot: string;
  /** A small cup, by its number. */
  readonly cup: (number: string) => string;
  /** What was recommended to a friend. */
  readonly recommended: string;
  readonly change: string;
  readonly channel: string;
  readonly outcome: string;
  readonly compensation: string;
  readonly supplier: string;
  /** Goes on with anything. */
  readonly andSoOn: string;
}

const ENGLISH: SampleWords = {
  teapot: 'Stoneware teapot, ash glaze',
  cup: (number) => `Small cup, no. ${number}`,
  recommended: 'the stoneware teapot',
  change: 'Delivery to another address',
  channel: 'email',
  outcome: 'We sent a new lid with tracked post on Tuesday.',
  compensation: 'The delivery fee of €6.50 is back on your card.',
  supplier: 'Leaf Direct',
  andSoOn: 'and so on ',
};

const BY_LOCALE: Readonly<Record<string, SampleWords>> = {
  sv: {
    teapot: 'Tekanna i stengods med askglasyr',
    cup: (number) => `Liten kopp nr ${number}`,
    recommended: 'tekannan i stengods',
    change: 'Leverans till en annan adress',
    channel: 'e-post',
    outcome: 'I tisdags skickade vi ett nytt lock med spårbar post.',
    compensation: 'Fraktkostnaden på 6,50 € är tillbaka på ditt kort.',
    supplier: 'Leaf Direct',
    andSoOn: 'och så vidare ',
  },
  de: {
    teapot: 'Steinzeug-Teekanne mit Ascheglasur',
    cup: (number) => `Kleiner Becher Nr. ${number}`,
    recommended: 'Steinzeug-Teekanne',
    change: 'Lieferung an eine andere Adresse',
    channel: 'E-Mail',
    outcome: 'Am Dienstag haben wir einen neuen Deckel mit Sendungsverfolgung verschickt.',
    compensation: 'Die Versandkosten von 6,50 € sind wieder auf Ihrer Karte.',
    supplier: 'Leaf Direct',
    andSoOn: 'und so weiter ',
  },
  ru: {
    teapot: 'Чайник из каменной керамики, зольная глазурь',
    cup: (number) => `Маленькая чашка № ${number}`,
    recommended: 'чайник из каменной керамики',
    change: 'Доставка по другому адресу',
    channel: 'электронная почта',
    outcome: 'Во вторник мы отправили новую крышку с номером для отслеживания.',
    compensation: 'Стоимость доставки, 6,50 €, вернулась на вашу карту.',
    supplier: 'Leaf Direct',
    andSoOn: 'и так далее ',
  },
  fa: {
    teapot: 'قوری استون‌ور با لعاب خاکستر',
    cup: (number) => `فنجان کوچک، شمارهٔ ${number}`,
    recommended: 'قوری استون‌ور',
    change: 'ارسال به نشانی دیگر',
    channel: 'ایمیل',
    outcome: 'سه‌شنبه یک درِ تازه با پست رهگیری‌پذیر فرستادیم.',
    compensation: 'هزینهٔ ارسال، ۶٫۵۰ یورو، به کارتتان برگشت.',
    supplier: 'Leaf Direct',
    andSoOn: 'و همین‌طور ',
  },
};

/** In English for a language that nobody has written them in. */
export function sampleWords(locale: string): SampleWords {
  const language = locale.split('-')[0] ?? FALLBACK_LOCALE;
  return (Object.hasOwn(BY_LOCALE, language) ? BY_LOCALE[language] : undefined) ?? ENGLISH;
}
