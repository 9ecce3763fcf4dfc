/**
 * Sentences in the wrong language. Looks at texts as they are kept, so that values of customers do not count: what is written
 * in a text is in the language of its file, apart from names.
 */
import type { RuleFinding } from './rule.ts';

/** Names and abbreviations that are written in Latin letters everywhere. */
const NAMES: readonly string[] = (
  'SKU SMS PDF QR USB LED DHL UPS FAQ Wi-Fi IBAN ' +
  'WhatsApp Telegram Instagram Facebook YouTube Google Apple PayPal Visa Mastercard'
).split(' ');

/** The letters of languages that are not written in Latin ones. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ru: /\p{Script=Cyrillic}/u,
  fa: /\p{Script=Arabic}/u,
};

/**
 * Words that hold sentences together, each of one of these languages only. Left out is what another one has, too: "is" is
 * Swedish for ice, "will", "was", "in" and "not" are German, "for", "be", "by", "as" and "order" Swedish, "die" and "man" English.
 */
const SENTENCE_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: new Set(
    `the your yours you and with of we have has had our ours us this that these those are it its they their them would
    could should about from because there than how who which what when where here please thank thanks very been if but
    to my don't we're you're it's we've you've does did can't more any some into every after before until only`.split(
      /\s+/u,
    ),
  ),
  sv: new Set(
    `och att det är inte vi ni som på för av med har eller från så vår vårt våra din ditt dina hos när här där ett oss
    vill ska skulle kan efter innan också mycket bara till om`.split(/\s+/u),
  ),
  de: new Set(
    `der das und nicht ist sind wir sie ihnen ihre ihr ihren ihrem mit für auf ein eine einen einem haben hat oder wenn
    werden sich auch bei zum zur aus nach uns über noch schon kein keine`.split(/\s+/u),
  ),
};

/** One word may be quoted; two of them are a sentence. */
const SENTENCE = 2;

/** What is said, without what is filled in, where links lead, addresses, article numbers and names. */
function saidIn(text: string, names: readonly string[]): string {
  let said = text
    // What stands in for a missing value is read, too.
    .replaceAll(/\{\{.*?\}\}/gsu, (output) => ` ${/default: *'([^']*)'/u.exec(output)?.[1] ?? ''} `)
    .replaceAll(/\{%.*?%\}/gsu, ' ')
    .replaceAll(/\]\([^)]*\)/gu, '] ')
    .replaceAll(/\bhttps?:\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)+\b/gu, ' ')
    .replaceAll(/\b(?=[A-Z\d-]*\d)[A-Z\d]+(?:-[A-Z\d]+)*\b/gu, ' ');
  for (const name of [...names, ...NAMES]) said = said.replaceAll(name, ' ');
  return said;
}

/** What is written in another language than that of its file. @param names that are the same in all, as that of the shop */
export function foreignIn(text: string, locale: string, names: readonly string[]): readonly RuleFinding[] {
  const language = locale.split('-')[0] ?? locale;
  const said = saidIn(text, names);
  const own = SCRIPTS[language];
  const [letters] = own === undefined ? strange(said, Object.values(SCRIPTS)) : latin(said);
  if (letters !== undefined) {
    const advice = 'write it in the letters of the language; names of brands are kept in a list of the lint';
    return [{ problem: `words in letters of another language: ${letters.trim()}`, advice }];
  }
  const known = SENTENCE_WORDS[language];
  if (known === undefined) return [];
  const words = new Set(
    said
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}']+/gu),
  );
  const ofItsOwn = [...words].some((word) => known.has(word));
  for (const [other, list] of Object.entries(SENTENCE_WORDS)) {
    const found = other === language ? [] : [...words].filter((word) => list.has(word) && !known.has(word));
    // "Your order" holds one of them, and nothing that says otherwise.
    if (found.length >= SENTENCE || (found.length === 1 && words.size > 1 && !ofItsOwn)) {
      const name = new Intl.DisplayNames('en', { type: 'language' }).of(other) ?? other;
      return [{ problem: `words in ${name}: ${found.join(', ')}`, advice: 'say it in the language of the file' }];
    }
  }
  return [];
}

/** Words in Latin letters, and words in which one of them hides; numerals such as XX and single letters are neither. */
function latin(said: string): readonly string[] {
  const runs = said.match(/\p{Script=Latin}{2,}(?:[\s’'-]+\p{Script=Latin}+)*/gu) ?? [];
  const mixed = said.match(/\p{Script=Cyrillic}\p{Script=Latin}|\p{Script=Latin}\p{Script=Cyrillic}/gu) ?? [];
  return [...runs.filter((run) => !/^[IVXLCM]+$/u.test(run)), ...mixed];
}

function strange(said: string, scripts: readonly RegExp[]): readonly string[] {
  return (said.match(/[\p{L}]+/gu) ?? []).filter((word) => scripts.some((script) => script.test(word)));
}
