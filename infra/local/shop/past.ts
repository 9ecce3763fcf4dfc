/**
 * The simulated shop's past: some eighty people over fourteen months, who between them show every stage and every kind
 * of trouble. Pure: the same seed and present give the same events.
 */
import { DAY, HOUR, type Instant, MINUTE, utcDay } from '../../../shared/lifecycle/time.ts';
import { byTimeAndCustomer, type Delivery } from '../delivery.ts';
import { type Chance, chanceOf } from '../random.ts';
import type { Taste } from './catalogue.ts';
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

/** A registration minutes before the first order. */
function registered(story: Story, firstOrderDaysAgo: number, consent: 'opt_in' | 'soft_opt_in' | 'none' = 'opt_in') {
  story.diary.register(story.ago(firstOrderDaysAgo) - story.chance.between(4, 40) * MINUTE, consent);
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
