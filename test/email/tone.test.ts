/** The rules of tone: each lets a mail through that keeps it, and names the one that breaks it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkTone, toneSchema } from '../../shared/email/tone.ts';
import type { View } from '../../shared/email/view.ts';
import { findStep, type Placed } from '../../shared/lifecycle/playbook.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { copyContent, SHIPPED_CONTENT } from './content-copy.ts';

const WORDS = toneSchema.parse(JSON.parse(readFileSync(join(SHIPPED_CONTENT, 'tone.json'), 'utf8')));

function wordsOf(locale: string) {
  const words = WORDS[locale];
  if (words === undefined) throw new Error(`there are no words for ${locale}`);
  return words;
}

function placedAt(name: string): Placed {
  const [programme = '', step = ''] = name.split('/');
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${name}`);
  return placed;
}

const OFFER = { value: '10%', code: 'A1B2', expiresAt: '4 December 2026', terms: 'Once per person.' };
const ENTRY = { date: '5 October 2026', title: 'Orders leave sooner', text: 'Within a day.' };

interface Given {
  readonly step: string;
  readonly body?: string;
  readonly footer?: string;
  readonly subject?: string;
  readonly preheader?: string;
  readonly variant?: string;
  readonly view?: Partial<View>;
  readonly placed?: Placed;
  readonly locale?: string;
}

/** What is found in a mail of a step: its heading, this body, and a footer with the two links of every mail. */
function problemsOf({
  step,
  body = '',
  footer = '',
  subject = '',
  preheader = '',
  variant,
  view,
  placed,
  locale = 'en',
}: Given) {
  const html = `
    <!-- class="footer" of a client nobody uses: 120% off -->
    <div>Kettle &amp; Fern</div><h1>Hello</h1><p>${body}</p>
    <div class="inset footer">${footer}<a href="https://m.example.com/u/1">Unsubscribe</a>
    <a href="https://m.example.com/p/1">Choose</a></div>`;
  const findings = checkTone(
    {
      placed: placed ?? placedAt(step),
      variant,
      mail: { subject, preheader, html, text: '' },
      view: {
        shop: {
          name: 'Kettle & Fern',
          url: '',
          postalAddress: '',
          contacts: { email: '', phone: '', chatUrl: '', helpUrl: '', hours: '' },
          signature: { name: '', role: '' },
        },
        customer: { returning: false },
        improvements: [],
        content: [],
        options: [],
        unsubscribeUrl: 'https://m.example.com/u/1',
        preferencesUrl: 'https://m.example.com/p/1',
        form: { brief: false, reasons: false },
        ...view,
      },
    },
    wordsOf(locale),
  );
  return findings.map(({ problem }) => problem);
}

describe('in brief', () => {
  const brief: Partial<View> = { form: { brief: true, reasons: false } };
  const step = 'retention/reminder';
  // The heading is a word, too.
  const longest = 'word '.repeat(119);

  it('120 words are enough, and the footer is not counted', () => {
    expect(problemsOf({ step, body: longest, footer: longest, view: brief })).toEqual([]);
    expect(problemsOf({ step, body: `${longest} more`, view: brief })).toEqual([
      'in brief it has 121 words, and 120 are the most',
    ]);
  });

  it('one picture is enough', () => {
    expect(problemsOf({ step, body: '<img src="a">', view: brief })).toEqual([]);
    expect(problemsOf({ step, body: '<img src="a"><img src="b">', view: brief })).toEqual([
      'in brief it has 2 pictures',
    ]);
  });

  it('does not bind the usual form', () => {
    expect(problemsOf({ step, body: `${longest} more<img src="a"><img src="b">` })).toEqual([]);
  });
});

describe.each(['nurture/knowledge', 'nurture/proof', 'nurture/cart-comparison'])('%s, for researchers', (step) => {
  it('may give the price as a fact', () => {
    expect(problemsOf({ step, body: 'It costs €64, tax included.' })).toEqual([]);
  });

  it.each(['10% less', 'ten per cent less', 'a voucher', 'Buy now and save', '<strong>10%</strong> off'])(
    'may not say "%s"',
    (body) => {
      expect(problemsOf({ step, body })[0]).toMatch(
        /^researchers get facts, nothing to buy and no discount, but it says/,
      );
    },
  );

  it('may make no offer and not lead to the shop', () => {
    const { programme, series, step: known } = placedAt(step);
    const placed: Placed = { programme, series, step: { ...known, offer: 'best-price', action: 'shop' } };
    expect(problemsOf({ step, placed })).toEqual([
      expect.stringMatching(/but the step makes an offer$/),
      expect.stringMatching(/but the button leads to the shop$/),
    ]);
  });
});

describe('recovery', () => {
  it.each(['apology', 'status', 'still-open', 'resolved', 'bad-rating', 'critic', 'late-delivery'])(
    '%s apologises',
    (step) => {
      expect(problemsOf({ step: `recovery/${step}`, body: 'We are sorry.' })).toEqual([]);
      expect(problemsOf({ step: `recovery/${step}`, body: 'It happened.', footer: 'sorry' })).toEqual([
        'it does not apologise',
      ]);
    },
  );

  it('does not apologise for a stopped renewal', () => {
    const step = 'recovery/renewal';
    expect(problemsOf({ step, body: 'May we ask why?' })).toEqual([]);
    expect(problemsOf({ step, body: 'We apologise.' })[0]).toMatch(/but it says "apologise"$/);
  });
});

describe.each(['recovery/apology', 'service/change-terms', 'service/answer-fit'])('%s, a service', (step) => {
  const apology = 'Sorry. ';

  it.each(['Our offers', 'A discount for you', 'Now 20% off', 'Order now', 'You may like this', 'a short survey'])(
    'does not say "%s"',
    (body) => {
      expect(problemsOf({ step, body: apology + body })[0]).toMatch(
        /^a mail (?:about somebody’s own case promotes nothing|that puts something right asks for nothing)/,
      );
    },
  );

  it('has no button to the shop', () => {
    const { programme, series, step: known } = placedAt(step);
    const placed: Placed = { programme, series, step: { ...known, action: 'shop' } };
    expect(problemsOf({ step, placed, body: apology })).toEqual([
      expect.stringMatching(/but the button leads to the shop$/),
    ]);
  });

  it('is free in what it says otherwise', () => {
    expect(problemsOf({ step, body: `${apology}Nothing to add, and nothing to pay.` })).toEqual([]);
  });
});

describe('what a service says in other words', () => {
  it.each([
    ['en', 'Take 10 euros off your next order with WELCOME.', 'promotes nothing'],
    ['en', 'Your code is WELCOME10.', 'has the code "WELCOME10"'],
    ['en', 'Yours while supplies last.', 'nobody is rushed'],
    ['en', 'It ends at midnight.', 'nobody is rushed'],
    ['en', 'From 0 to 10?', 'promotes nothing'],
    ['en', 'Tell a colleague about us.', 'promotes nothing'],
    ['sv', 'Dra av 10 euro på nästa order.', 'promotes nothing'],
    ['sv', 'Slutar vid midnatt.', 'nobody is rushed'],
    ['sv', 'Från 0 till 10?', 'promotes nothing'],
    ['de', 'Ziehen Sie 10 Euro von Ihrer nächsten Bestellung ab.', 'promotes nothing'],
    ['de', 'Endet um Mitternacht.', 'nobody is rushed'],
    ['de', 'Von 0 bis 10?', 'promotes nothing'],
    ['ru', 'Минус 10 евро на следующий заказ.', 'promotes nothing'],
    ['ru', 'Ждём вас до полуночи.', 'nobody is rushed'],
    ['ru', 'От 0 до 10?', 'promotes nothing'],
    ['fa', '۱۰ یورو از سفارش بعدی کم می‌کنیم.', 'promotes nothing'],
    ['fa', 'تا نیمه‌شب.', 'nobody is rushed'],
    ['fa', 'از ۰ تا ۱۰؟', 'promotes nothing'],
  ])('in %s: %s', (locale, body, problem) => {
    expect(problemsOf({ step: 'service/answer-fit', locale, body })).toEqual([expect.stringContaining(problem)]);
  });

  it('may be a number that is known of the order', () => {
    const body = 'The cable USB20, 10 euros, is on its way.';
    expect(problemsOf({ step: 'service/answer-fit', body })).toEqual([expect.stringContaining('USB20')]);
    const shop = { name: 'USB20', url: '', postalAddress: '', signature: { name: '', role: '' } };
    const contacts = { email: '', phone: '', chatUrl: '', helpUrl: '', hours: '' };
    expect(problemsOf({ step: 'service/answer-fit', body, view: { shop: { ...shop, contacts } } })).toEqual([]);
  });
});

describe('the way back to an order', () => {
  const step = 'nurture/resume';
  const button = '<a href="https://shop.example.com/checkout/1">Back to your order</a>';

  it('is one link', () => {
    expect(problemsOf({ step, body: button })).toEqual([]);
    expect(problemsOf({ step })).toEqual(['it has 0 links beside those of the footer']);
    expect(problemsOf({ step, body: `${button}<a href="https://shop.example.com/help">Help</a>` })).toEqual([
      'it has 2 links beside those of the footer',
    ]);
  });

  it('comes without a discount', () => {
    expect(problemsOf({ step, body: `${button} and a coupon` })[0]).toMatch(/no discount, but it says "coupon"$/);
  });
});

describe.each(['win-back/offer', 'retention/bonus', 'retention/promoter-bonus', 'nurture/best-price'])(
  '%s, an offer',
  (step) => {
    const whole = {
      step,
      subject: `${OFFER.value} off, until ${OFFER.expiresAt}`,
      body: `${OFFER.value} ${OFFER.code} ${OFFER.expiresAt} ${OFFER.terms}`,
      view: { offer: OFFER },
    };

    it('has value and date where the inbox lists it, and everything exact in the mail', () => {
      expect(problemsOf(whole)).toEqual([]);
      expect(problemsOf({ ...whole, subject: 'A small thank-you', preheader: OFFER.expiresAt })).toEqual([
        'the subject does not say what the offer is worth',
      ]);
      expect(problemsOf({ ...whole, subject: `${OFFER.value} off` })).toEqual([
        'the list of the inbox does not say until when the offer lasts',
      ]);
      expect(problemsOf({ ...whole, body: `${OFFER.value} ${OFFER.code} ${OFFER.expiresAt}` })).toEqual([
        'code, value, date or terms of the offer are missing',
      ]);
    });
  },
);

describe('a claim that something has improved', () => {
  const body = 'It is fixed.';

  it('needs an entry that says so', () => {
    expect(problemsOf({ step: 'retention/follow-up', body })).toEqual([
      'nothing is known to have improved, but it says "is fixed"',
    ]);
    expect(problemsOf({ step: 'retention/follow-up', body, view: { improvements: [ENTRY] } })).toEqual([]);
  });

  it('is the entry itself where the step needs one', () => {
    const view = { improvements: [ENTRY] };
    expect(problemsOf({ step: 'win-back/improved', body: `${body} ${ENTRY.title}`, view })).toEqual([]);
    expect(problemsOf({ step: 'win-back/improved', body, view })).toEqual(['it does not say what has improved']);
  });
});

describe('nobody is rushed', () => {
  const step = 'campaign/new-harvest';
  const RUSHED = [
    ['en', ['Hurry', 'last chance', 'now or never', 'don’t miss']],
    ['sv', ['Skynda dig', 'Sista chansen', 'nu eller aldrig', 'Det är bråttom']],
    ['de', ['Beeilen Sie sich', 'Letzte Chance', 'jetzt oder nie', 'Es eilt']],
    ['ru', ['Поторопитесь', 'Последний шанс', 'сейчас или никогда', 'Спешите']],
    ['fa', ['عجله کنید', 'آخرین فرصت', 'حالا یا هرگز', 'بشتابید']],
  ] as const;
  const SHORTAGE = [
    ['en', ['Only 3 left', 'It expires in 2 hours', 'Please order within the next hour']],
    ['sv', ['Bara 3 kvar', 'Den går ut snart']],
    ['de', ['Nur noch 3 Stück', 'Der Code läuft bald ab']],
    ['ru', ['Осталось 3 штуки', 'Код скоро истекает']],
    ['fa', ['همین حالا', 'به‌زودی تمام می‌شود', 'به زودی تمام می شود']],
  ] as const;

  it.each(SHORTAGE.flatMap(([locale, phrases]) => phrases.map((phrase) => [locale, phrase] as const)))(
    'in %s not by little that is left, of articles or of time: "%s"',
    (locale, phrase) => {
      expect(problemsOf({ step, body: `${phrase}.`, locale })).toEqual([
        expect.stringMatching(/^nobody is rushed, but it says/),
      ]);
    },
  );

  const cases = RUSHED.flatMap(([locale, phrases]) => phrases.map((phrase) => [locale, phrase] as const));

  it.each(cases)('in %s not by "%s", whatever stands beside it', (locale, phrase) => {
    const said = [
      '%s, it is spring',
      '%s!',
      '%s…',
      '(%s)',
      '“%s”',
      '«%s»',
      '%s: spring',
      '%s;',
      '%s – spring',
      '¡%s?',
      '%s؛',
      '%s، بهار',
      '<strong>%s</strong>, spring',
      '…%s.',
      '%s\u00A0– spring',
      '%s\n',
    ].map((frame) => frame.replace('%s', phrase));
    const missed = said.filter((body) => !problemsOf({ step, body, locale }).join(' ').includes('nobody is rushed'));
    expect(missed).toEqual([]);
    expect(problemsOf({ step, subject: phrase.toLocaleUpperCase(locale), locale })[0]).toMatch(/^nobody is rushed/);
  });

  it.each([
    ['en', 'last-chance'],
    ['en', '“Last” chance'],
    ['en', 'now, or never'],
    ['en', 'hur\u00ADry, spring'],
    ['sv', 'Sista\u00A0chansen'],
    ['de', 'jetzt – oder nie'],
    ['ru', 'сейчас, или никогда'],
    ['fa', 'از دست\u200Cندهید'],
  ])('in %s not by "%s" either', (locale, body) => {
    expect(problemsOf({ step, body, locale })[0]).toMatch(/^nobody is rushed/);
  });

  it.each([
    [
      'en',
      'There is no hurry, and no need to rush. If you are in a hurry, ring us. The only thing left to do is to brew it. It was the last. Chance had it.',
    ],
    ['sv', 'Det är ingen brådska, och du behöver inte skynda dig. Det är inte bråttom.'],
    ['de', 'Es eilt nicht, und Sie brauchen sich nicht zu beeilen. Keine Eile.'],
    ['ru', 'Спешить некуда. Не торопитесь, не спешите.'],
    ['fa', 'عجله‌ای نیست. عجله نکنید.'],
  ])('and in %s may be told to take their time', (locale, body) => {
    expect(problemsOf({ step, body, locale })).toEqual([]);
  });
});

it('the neutral are not told of feelings, and others may be', () => {
  const step = 'retention/benefits';
  const body = 'We would love to hear from you!';
  expect(problemsOf({ step, body })).toEqual([]);
  expect(problemsOf({ step, body, variant: 'neutral' })[0]).toMatch(/but it says "love"$/);
  expect(problemsOf({ step, body: 'Two years of guarantee.', variant: 'neutral' })).toEqual([]);
});

it('what is found stops the release and is told with file, line and what to do', async () => {
  const content = await copyContent();
  const file = 'templates/nurture/knowledge/en.json';
  await content.change(file, '"heading": "', '"heading": "A voucher: ');
  expect(await content.complaint()).toMatch(
    /nurture\/knowledge\/en\.json:\d+: researchers get facts, .*but it says "voucher"; say what helps them to know/,
  );
});
