/**
 * Views to try templates on: a full one, whose paths are all that a template may name, and the leanest one each step
 * may meet in reality. A step that renders with both renders with everything between.
 */
import type { Improvement, Shop } from './shop.ts';
import type { ViewInput } from './view.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 20, 9);

const SAMPLE = {
  customer: { name: 'Anna Lind', returning: true },
  order: {
    orderId: 'A-10482',
    placedAt: NOW - 3 * DAY,
    total: { minor: 8450, currency: 'EUR' },
    items: [
      {
        name: 'Stoneware teapot, ash glaze',
        quantity: 1,
        url: 'https://shop.example.com/p/teapot',
        imageUrl: 'https://shop.example.com/i/teapot.jpg',
      },
      ...Array.from({ length: 11 }, (_, index) => ({ name: `Small cup, no. ${index + 1}`, quantity: 2 })),
    ],
  },
  complaint: {
    complaintId: 'C-2291',
    openedAt: NOW - 4 * DAY,
    channel: 'email',
    outcome: 'We sent a new lid with tracked post on Tuesday.',
    compensation: 'The delivery fee of €6.50 is back on your card.',
  },
  offer: {
    code: 'ANNA-7Q2K',
    value: '15% off',
    expiresAt: NOW + 14 * DAY,
    terms: 'Valid once, for one order of any size. It does not reduce delivery.',
  },
  improvements: [
    {
      date: '2026-10-05',
      reason: 'delivery',
      title: { en: 'Orders leave within one working day' },
      text: { en: 'It used to be three.' },
    },
  ],
  silenceDays: 140,
  unsubscribeUrl: 'https://shop.example.com/mail/u/sample',
  preferencesUrl: 'https://shop.example.com/mail/p/sample',
  asked: {
    question: {
      text: { en: 'What was it?' },
      answers: {
        price: { en: 'It was too expensive' },
        experience: { en: 'Something went wrong with an order' },
        other: { en: 'Something else' },
      },
    },
    urls: {
      price: 'https://shop.example.com/mail/a/price',
      experience: 'https://shop.example.com/mail/a/experience',
      other: 'https://shop.example.com/mail/a/other',
    },
  },
} satisfies Omit<ViewInput, 'shop'>;

export function fullSample(shop: Shop, improvements: readonly Improvement[]): ViewInput {
  return { ...SAMPLE, shop, improvements: improvements.length > 0 ? improvements : SAMPLE.improvements };
}

/** What a step can count on, beyond the shop; everything else may be missing. */
export function leanSample(programme: string, step: string, shop: Shop): ViewInput {
  const { offer, improvements, unsubscribeUrl, preferencesUrl } = SAMPLE;
  const usual = { shop, customer: {}, unsubscribeUrl, preferencesUrl };
  if (programme === 'win-back' && step === 'offer') return { ...usual, offer };
  if (programme === 'win-back' && step === 'improved') return { ...usual, improvements };
  return usual;
}
