import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foreignIn } from '../../shared/email/rules/languages.ts';
import { wrongPlurals } from '../../shared/email/rules/plurals.ts';
import { signsOf } from '../../shared/email/rules/typography.ts';
import { readStrings } from '../../shared/email/strings.ts';
import { SHIPPED_CONTENT } from './content-copy.ts';

const problemsOf = (found: readonly { readonly problem: string }[]) => found.map(({ problem }) => problem).join('; ');
const foreign = (locale: string, text: string) => problemsOf(foreignIn(text, locale, ['Kettle & Fern']));

describe('a text in the wrong language', () => {
  it.each([
    ['fa', 'Your order has reached us and we are very glad about it.', 'another language: Your order has reached'],
    ['fa', 'سفارشتان with us رسیده است.', 'another language: with us'],
    ['fa', "{{ customer.firstName | default: 'friend' }}، سلام", 'another language: friend'],
    ['ru', 'Мы на связи, just ask.', 'another language: just ask'],
    ['ru', 'Новая cкидка', 'another language: cк'],
    ['de', 'Your order has reached us and we are very glad about it.', 'words in English: your, has, us'],
    ['de', 'Ihre Bestellung ist da. Thank you.', 'words in English: thank, you'],
    ['de', 'Your order', 'words in English: your'],
    ['de', 'Din beställning är här', 'words in Swedish: din, är, här'],
    ['sv', 'You can reply to this mail.', 'words in English: you, to, this'],
    ['sv', 'Ihre Bestellung ist unterwegs', 'words in German: ihre, ist'],
    ['en', 'Ihre Bestellung ist unterwegs', 'words in German: ihre, ist'],
    ['en', 'Ваш заказ', 'another language: Ваш'],
  ])('in %s is found: %s', (locale, text, problem) => {
    expect(foreign(locale, text)).toContain(problem);
  });

  it.each([
    ['fa', 'از Kettle & Fern، شمارهٔ {{ order.orderId }}، کالای TEA-001، hello@shop.example.com'],
    ['fa', '[اینجا](https://shop.example.com/help) یا shop.example.com {% if order %}و{% endif %}'],
    ['ru', 'Ответьте в WhatsApp: USB-кабель, XX век, витамин C.'],
    ['de', 'Wir sind in der Stadt, und das war die Order. Am Ende will man mehr.'],
    ['sv', 'Din order är här. Vi var i London, och det är is på sjön.'],
    ['en', 'Your order for a man will be in by noon, or as die-cut was.'],
  ])('in %s may have names: %s', (locale, text) => {
    expect(foreign(locale, text)).toBe('');
  });
});

const counted = (rest: string) =>
  `{% case benefit.plural %}{% when 'one' %}{% if order %}a{% else %}b{% endif %}${rest}{% endcase %}`;

describe('the forms of numbers', () => {
  it('are all there, and no other', async () => {
    const texts = await readStrings(SHIPPED_CONTENT, join('templates', 'retention', 'benefits', 'ru.json'));
    const text = texts.get('summary')?.value ?? '';
    expect(wrongPlurals(text, 'ru')).toEqual([]);
    const without = text.replace(/\{% when 'many' %\}.*?(?=\{%)/u, '').replace(/\{\{ benefit\.toGo \}\} заказов/u, '');
    expect(problemsOf(wrongPlurals(without, 'ru'))).toBe('the form "many" of numbers is missing');
    const wrong = text.replace("'many'", "'fewish'");
    expect(problemsOf(wrongPlurals(wrong, 'ru'))).toBe(
      'there is no form "fewish" of numbers; the form "many" of numbers is missing',
    );
    expect(problemsOf(wrongPlurals(text, 'en'))).toContain('there is no form "few"');
  });

  it('need one for the rest, which no inner condition stands for', () => {
    expect(problemsOf(wrongPlurals(counted(''), 'en'))).toBe('the form "other" of numbers is missing');
    expect(wrongPlurals(counted('{% else %}c'), 'en')).toEqual([]);
    expect(wrongPlurals(counted("{% when 'other' %}c"), 'en')).toEqual([]);
    expect(problemsOf(wrongPlurals("{% if benefit.plural == 'one' %}a{% endif %}", 'en'))).toContain('a condition');
  });
});

describe('a number written by hand', () => {
  it.each([
    ['sv', 'Vi stänger 12/24/2026.', 'a date that some read month first'],
    ['sv', 'Vi stänger kl. 5 PM.', 'a twelve-hour clock'],
    ['sv', 'Det kostar 1,000.50 kr.', 'thousands parted by a comma'],
    ['sv', 'Det kostar 49.90 kr.', 'a price with a full stop'],
    ['sv', 'Vi stänger 24.12.2026.', 'a date with full stops'],
    ['sv', 'Det kostar 1.000 kr.', 'thousands parted by a full stop'],
    ['de', 'Das kostet €4.90.', 'a currency before its amount'],
    ['de', 'Das kostet 4.90 EUR.', 'a price with a full stop'],
    ['de', 'Das kostet 1,000.50 EUR.', 'thousands parted by a comma'],
    ['ru', 'Это стоит 1.000 ₽.', 'thousands parted by a full stop'],
    ['ru', 'До 5:30 p.m.', 'a twelve-hour clock'],
    ['en', 'It costs 4,90.', 'a comma before decimals'],
    ['en', 'It costs 4.90 €.', 'a currency behind its amount'],
    ['en', 'Until 12/24/2026.', 'a date that some read month first'],
    ['fa', '۲۰% کمتر', 'a Latin percent sign'],
    ['fa', 'قدم بعد → خرید', 'an arrow against the direction'],
    ['fa', '€۴', 'a currency before its amount'],
    ['fa', '۱,۰۰۰ تومان', 'a Latin sign within a number'],
    ['fa', '۱۲/۲۴/۲۰۲۶', 'a date that does not begin with the year'],
  ])('in %s as others write it is found: %s', (locale, text, problem) => {
    expect(problemsOf(signsOf(text, locale))).toContain(problem);
  });

  it.each([
    ['sv', 'Kl. 17.30 den 24 december 2026, 2026-12-24, 1\u00a0000,50 kr, 4,5 av 5, 24/7.'],
    ['de', 'Um 9.30 Uhr, am 24.12.2026, 1.000,50 €, 0,125 Liter, ab 9 am Samstag.'],
    ['ru', 'В 17:30, 24.12.2026, 1\u00a0000,50 ₽.'],
    ['en', 'At 9.30 or 5 pm on 24 December, €1,000.50, 4.5 of 5, steps 1,2,3 and 24/7.'],
    ['fa', '۲۰٪، ۱٬۰۰۰٫۵، ۱۴۰۵/۱۰/۰۳، ساعت ۱۷:۳۰'],
  ])('in %s as its readers do is left alone: %s', (locale, text) => {
    expect(signsOf(text, locale)).toEqual([]);
  });
});

it.each(['Look!!', 'Look! !', 'Really?!?', 'LAST CHANCE', 'This is WONDERFUL'])('nobody shouts: %s', (text) => {
  expect(signsOf(text, 'en')).toHaveLength(1);
});

it('an abbreviation is no shout', () => {
  expect(signsOf('Look! An SMS, a PDF, TEA-001 and BTW-NR.', 'en')).toEqual([]);
});
