/**
 * The simulated shop's past: some hundred and ten people over fourteen months, who between them show every stage, every
 * trait and every kind of trouble. Pure: the same seed and present give the same events.
 */
import { DAY, HOUR, type Instant, MINUTE, utcDay } from '../../../shared/lifecycle/time.ts';
import { byTimeAndCustomer, type Delivery } from '../delivery.ts';
import { type Chance, chanceOf } from '../random.ts';
import { finePiece, type Taste } from './catalogue.ts';
import { type Diary, mistakes, openDiary } from './diary.ts';
import { type Person, personNumber } from './people.ts';

/** Customers open the shop at these hours (UTC), which is day in all the places they live. */
const SHOPPING_HOURS = { first: 7, last: 17 } as const;
/** The first customer written about is a loyal one, who recommends the shop. */
const FIRST_CUSTOMER_ID = 1001;
/** Days a parcel takes. */
const PARCEL_DAYS = { least: 2, most: 4 } as const;
/** Deliveries are written down for orders of the last so many days; older ones change nothing any more. */
const DELIVERIES_KNOWN_DAYS = 75;
/** What is refunded for a broken cup, in euro. */
const REFUND = 6.5;

export interface ShopPast {
  /** Sorted; all of it lies before the present. */
  readonly deliveries: readonly Delivery[];
  /** Everybody who appears in it, in the order of their numbers. */
  readonly people: readonly Person[];
}

/** One customer's story as it is being written. */
interface Story {
  readonly diary: Diary;
  readonly chance: Chance;
  /** An instant of shopping hours on the UTC day `days` days ago; 1 is the least, so it lies before the present. */
  readonly ago: (days: number) => Instant;
}

/** Tells a story; `number` counts the customers of the same behaviour from 0. */
type Tell = (story: Story, number: number) => void;

interface Behaviour {
  readonly name: string;
  readonly customers: number;
  readonly tell: Tell;
}

/**
 * Orders at a gap of `gap` days, give or take a tenth, the last one `last` days ago. Returns when the first was placed,
 * in days ago, and the last order's id.
 */
function orders({ diary, chance, ago }: Story, count: number, gap: number, last: number, taste: Taste) {
  const days = [last];
  while (days.length < count) {
    const wobble = chance.between(-Math.ceil(gap / 10), Math.ceil(gap / 10));
    days.unshift((days[0] ?? last) + gap + wobble);
  }
  const first = days[0] ?? last;
  let lastOrderId = '';
  for (const day of days) {
    lastOrderId = diary.buy(ago(day), taste);
    const arrival = day - chance.between(PARCEL_DAYS.least, PARCEL_DAYS.most);
    if (arrival > 0 && day <= DELIVERIES_KNOWN_DAYS) diary.deliver(ago(arrival), lastOrderId);
  }
  return { first, lastOrderId };
}

/** A registration some hours before the first order: whoever orders within the hour bought at once. */
function registered(story: Story, firstOrderDaysAgo: number, consent: 'opt_in' | 'soft_opt_in' | 'none' = 'opt_in') {
  story.diary.register(story.ago(firstOrderDaysAgo) - story.chance.between(80, 300) * MINUTE, consent);
}

/** Writes the orders after their registration, which needs to know when the first of them is. */
function customer(
  story: Story,
  count: number,
  gap: number,
  last: number,
  taste: Taste,
  consent: 'opt_in' | 'soft_opt_in' | 'none' = 'opt_in',
) {
  const told = orders(story, count, gap, last, taste);
  registered(story, told.first, consent);
  return told;
}

const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: 'is at home here',
    customers: 9,
    tell: (story) => {
      const { chance } = story;
      customer(story, chance.between(7, 9), chance.between(38, 44), chance.between(2, 20), 'special');
    },
  },
  {
    name: 'looks around',
    customers: 7,
    tell: ({ diary, chance, ago }, number) => {
      const days = chance.between(2, 25);
      diary.register(ago(days), number < 2 ? 'none' : 'opt_in');
      if (number % 2 === 0) diary.logIn(ago(days - 1));
    },
  },
  {
    name: 'was referred and looks around',
    customers: 2,
    tell: ({ diary, chance, ago }) => diary.register(ago(chance.between(3, 12)), 'opt_in', `c-${FIRST_CUSTOMER_ID}`),
  },
  {
    name: 'has just bought for the first time',
    customers: 12,
    tell: (story, number) => {
      const consent = number === 3 ? 'soft_opt_in' : 'opt_in';
      customer(
        story,
        1,
        1,
        number < 3 ? 1 : story.chance.between(2, 40),
        number % 3 === 0 ? 'special' : 'everyday',
        consent,
      );
    },
  },
  {
    name: 'buys now and then',
    customers: 11,
    tell: (story, number) => {
      const { chance, diary, ago } = story;
      const last = chance.between(2, 14);
      customer(story, chance.between(2, 5), chance.between(26, 44), last, 'everyday');
      if (number % 3 === 0) diary.logIn(ago(last - 1));
    },
  },
  {
    name: 'has gone quiet',
    customers: 8,
    tell: (story) => customer(story, 4, 30, story.chance.between(80, 105), 'everyday'),
  },
  {
    name: 'stopped logging in',
    customers: 3,
    tell: (story) => {
      const { diary, ago } = story;
      customer(story, 3, 34, 40, 'everyday');
      for (let day = 71; day >= 36; day -= 7) diary.logIn(ago(day) + HOUR);
    },
  },
  {
    name: 'has left',
    customers: 8,
    tell: (story) => customer(story, story.chance.between(3, 4), 32, story.chance.between(225, 300), 'everyday'),
  },
  {
    name: 'bought once and left',
    customers: 4,
    tell: (story) => customer(story, 1, 1, story.chance.between(235, 300), 'everyday'),
  },
  {
    name: 'came back',
    customers: 3,
    tell: (story) => {
      customer(story, 3, 30, story.chance.between(280, 320), 'everyday');
      orders(story, 1, 1, story.chance.between(3, 25), 'special');
    },
  },
  {
    name: 'waits for an answer',
    customers: 3,
    tell: (story, number) => {
      const last = story.chance.between(8, 14);
      const { lastOrderId } = customer(story, 3, 33, last, 'everyday');
      story.diary.complain(story.ago(number + 1), number === 0 ? 'high' : 'normal', lastOrderId);
    },
  },
  {
    name: 'had a complaint that was solved',
    customers: 3,
    tell: (story, number) => {
      const { diary, ago } = story;
      const { lastOrderId } = customer(story, 3, 30, 20 + number, 'everyday');
      const complaintId = diary.complain(ago(16 - 4 * number), 'normal', lastOrderId);
      diary.resolve(ago(14 - 5 * number), complaintId);
    },
  },
  {
    name: 'got money back',
    customers: 3,
    tell: (story) => {
      const { lastOrderId } = customer(story, 3, 35, 16, 'everyday');
      story.diary.refund(story.ago(9), lastOrderId, REFUND);
    },
  },
  {
    name: 'cancelled an order',
    customers: 1,
    tell: (story) => {
      customer(story, 2, 35, 21, 'everyday');
      const orderId = story.diary.buy(story.ago(6), 'special');
      story.diary.cancel(story.ago(6) + HOUR, orderId);
    },
  },
  {
    name: 'wants no mail',
    customers: 3,
    tell: (story) => customer(story, 2, 30, story.chance.between(5, 15), 'everyday', 'none'),
  },
  {
    name: 'looks at two things',
    customers: 2,
    tell: ({ diary, chance, ago }, number) => {
      diary.register(ago(4 + number), 'opt_in');
      for (const minutes of [3, 9]) diary.view(ago(4 + number) + minutes * MINUTE, finePiece(chance));
    },
  },
  {
    name: 'studies one kind of thing',
    customers: 2,
    tell: ({ diary, chance, ago }, number) => {
      const piece = finePiece(chance);
      diary.register(ago(9), 'opt_in');
      for (const days of [9, 8, 6]) {
        diary.view(ago(days) + 5 * MINUTE, piece, days === 6 ? 'comparison' : 'specification');
      }
      if (number === 1) diary.download(ago(6) + 20 * MINUTE, piece);
    },
  },
  {
    name: 'cannot make up their mind',
    customers: 2,
    tell: ({ diary, chance, ago }, number) => {
      const piece = finePiece(chance);
      diary.register(ago(7), 'opt_in');
      if (number === 0) for (const days of [6, 5, 3]) diary.view(ago(days) + 7 * MINUTE, piece);
      else diary.fillCart(ago(3), piece);
    },
  },
  {
    name: 'turned back at the checkout',
    customers: 2,
    tell: ({ diary, chance, ago }, number) => {
      diary.register(ago(5), 'opt_in');
      diary.startCheckout(ago(1 + number), finePiece(chance));
    },
  },
  {
    name: 'came by a coupon',
    customers: 1,
    tell: ({ diary, ago }) => {
      diary.register(ago(3), 'opt_in');
      diary.enterCoupon(ago(3) + 6 * MINUTE, 'AUTUMN-10');
    },
  },
  {
    name: 'buys what is reduced',
    customers: 2,
    tell: (story, number) => {
      const { diary, ago } = story;
      const days = [95, 62, 30, 4 + number];
      registered(story, 95);
      for (const each of days) diary.buy(ago(each), 'everyday', { discount: 1.5, coupon: `SALE-${each}` });
    },
  },
  {
    name: 'bought at once',
    customers: 2,
    tell: ({ diary, chance, ago }, number) => {
      diary.register(ago(4 + number), 'opt_in');
      diary.view(ago(4 + number) + 4 * MINUTE, finePiece(chance));
      diary.buy(ago(4 + number) + 20 * MINUTE, 'special');
    },
  },
  {
    name: 'bought elsewhere so far',
    customers: 1,
    tell: ({ diary, ago }) => {
      diary.register(ago(3), 'opt_in');
      diary.declare(ago(3) + 8 * MINUTE, { previousSupplier: 'Leaf Direct', objection: 'price' });
    },
  },
  {
    name: 'tells others',
    customers: 2,
    tell: (story, number) => {
      customer(story, 3, 35, 12, 'everyday');
      story.diary.answerNps(story.ago(4 + number), 10);
    },
  },
  {
    name: 'is hard to please',
    customers: 2,
    tell: (story, number) => {
      customer(story, number === 0 ? 3 : 7, 40, 15, number === 0 ? 'everyday' : 'special');
      story.diary.answerNps(story.ago(2), 3);
    },
  },
  {
    name: 'rated us badly',
    customers: 2,
    tell: (story, number) => {
      customer(story, 2, 30, 12, 'everyday');
      story.diary.review(story.ago(3 + number), 1 + number, number === 0 ? 'shop' : 'social');
    },
  },
  {
    name: 'stopped a subscription',
    customers: 2,
    tell: (story, number) => {
      const { diary, ago } = story;
      customer(story, 3, 30, 10, 'everyday');
      const subscriptionId = diary.stopRenewal(ago(5), ago(1) + 30 * DAY);
      if (number === 1) diary.resumeRenewal(ago(2), subscriptionId);
    },
  },
  {
    name: 'wants something changed',
    customers: 2,
    tell: (story, number) => {
      const { diary, ago } = story;
      customer(story, 2, 30, 5, 'special');
      const changeId = diary.requestChange(ago(4), number === 0 ? 12 : undefined);
      if (number === 0) diary.confirmChange(ago(1), changeId);
    },
  },
  {
    name: 'waits for a late parcel',
    customers: 1,
    tell: (story) => {
      const { diary, ago } = story;
      registered(story, 6);
      diary.buy(ago(6), 'special', { promisedBy: ago(2) });
    },
  },
  {
    name: 'sends something back',
    customers: 1,
    tell: (story) => {
      const { lastOrderId } = customer(story, 2, 30, 12, 'special');
      story.diary.requestReturn(story.ago(3), lastOrderId);
    },
  },
  {
    name: 'has said how mail should be',
    customers: 2,
    tell: (story, number) => {
      const { first } = customer(story, 2, 28, 1 + number, 'everyday');
      story.diary.declare(story.ago(first - 1), { style: number === 0 ? 'efficient' : 'traditional' });
    },
  },
  {
    name: 'spends most of all',
    customers: 1,
    tell: (story) => customer(story, 6, 35, 9, 'lavish'),
  },
  {
    name: 'came by the word of a friend and bought',
    customers: 2,
    tell: ({ diary, ago }, number) => {
      diary.register(ago(6 + number), 'opt_in', `c-${FIRST_CUSTOMER_ID + 1}`);
      diary.buy(ago(6 + number) + 2 * HOUR, 'everyday');
    },
  },
];

/**
 * Makes up the past of the shop.
 *
 * @param now epoch milliseconds; nothing happens at or after it
 */
export function shopPast(seed: number, now: Instant): ShopPast {
  const deliveries: Delivery[] = mistakes(now - 2 * HOUR, 'past');
  const people: Person[] = [];
  for (const behaviour of BEHAVIOURS) {
    for (let number = 0; number < behaviour.customers; number += 1) {
      const person = personNumber(people.length, `c-${FIRST_CUSTOMER_ID + people.length}`);
      people.push(person);
      const chance = chanceOf(seed, 'past', person.customerId);
      const diary = openDiary(person, person.customerId, chance);
      behaviour.tell({ diary, chance, ago: shoppingHours(person, seed, now) }, number);
      deliveries.push(...diary.entries);
    }
  }
  return { deliveries: deliveries.toSorted(byTimeAndCustomer), people };
}

/** The same day gives the same instant, so that what belongs to one visit can be placed around it. */
function shoppingHours(person: Person, seed: number, now: Instant): (days: number) => Instant {
  return (days) => {
    const chance = chanceOf(seed, 'hour', person.customerId, days);
    const hours = chance.between(SHOPPING_HOURS.first, SHOPPING_HOURS.last - 1);
    const minutes = chance.between(0, HOUR / MINUTE - 1);
    return (utcDay(now) - days) * DAY + hours * HOUR + minutes * MINUTE;
  };
}
