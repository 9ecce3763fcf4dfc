/**
 * The simulated shop from now on: every few seconds somebody registers, looks, buys, complains or answers, for ever. It makes
 * no mistakes any more, so what is refused from now on is whoever's who tries an event.
 */
import { DAY, type Instant } from '../../../shared/lifecycle/time.ts';
import { byTimeAndCustomer, type Delivery } from '../delivery.ts';
import { chanceOf } from '../random.ts';
import { finePiece } from './catalogue.ts';
import { type Diary, openDiary } from './diary.ts';
import { type Person, personNumber } from './people.ts';

const SECOND = 1_000;
/** Between two things that happen. */
const PAUSE_SECONDS = { least: 3, most: 8 } as const;
/** Between a registration and the first order, or an opened complaint and its solution. */
const THOUGHT_SECONDS = { least: 5, most: 12 } as const;
const SOLUTION_SECONDS = { least: 60, most: 150 } as const;
/** Radix of the shortest readable form of an instant. */
const RADIX = 36;

const PAGES = ['product', 'product', 'comparison', 'specification'] as const;
const PLACES = ['shop', 'shop', 'social', 'third_party'] as const;
/** How long a subscription still runs when its renewal is stopped. */
const PAID_FOR = 20 * DAY;

type Happening =
  | 'newcomer'
  | 'visitor'
  | 'look'
  | 'checkout'
  | 'order'
  | 'login'
  | 'complaint'
  | 'review'
  | 'nps'
  | 'declaration'
  | 'renewal'
  | 'change';

/** How often each happens, in percent. */
const SHARES: readonly (readonly [Happening, number])[] = [
  ['newcomer', 20],
  ['visitor', 6],
  ['look', 14],
  ['checkout', 4],
  ['order', 18],
  ['login', 16],
  ['complaint', 7],
  ['review', 4],
  ['nps', 4],
  ['declaration', 2],
  ['renewal', 2],
  ['change', 3],
];

/**
 * Live events in the order of their time, the first a newcomer who buys at once. Pure and endless: the caller waits
 * until an event's time has come.
 *
 * @param from epoch milliseconds
 */
export function* trickle(seed: number, from: Instant, regulars: readonly Person[]): Generator<Delivery, never> {
  const chance = chanceOf(seed, 'trickle', from);
  const people = [...regulars];
  let coming: Delivery[] = [];
  let at = from;
  for (let turn = 0; ; turn += 1) {
    at += chance.between(PAUSE_SECONDS.least * SECOND, PAUSE_SECONDS.most * SECOND);
    coming.push(...happen(turn === 0 ? 'newcomer' : draw(), at));
    coming = coming.toSorted(byTimeAndCustomer);
    // Whatever comes later than this turn may still be overtaken by the next one.
    while (coming[0] !== undefined && coming[0].at <= at) {
      yield coming[0];
      coming = coming.slice(1);
    }
  }

  function draw(): Happening {
    let left = chance.next() * SHARES.reduce((sum, [, share]) => sum + share, 0);
    for (const [happening, share] of SHARES) {
      if (left < share) return happening;
      left -= share;
    }
    return 'login';
  }

  function after(pause: { readonly least: number; readonly most: number }): number {
    return at + chance.between(pause.least * SECOND, pause.most * SECOND);
  }

  function happen(happening: Happening, now: Instant): readonly Delivery[] {
    const page = `live-${now.toString(RADIX)}`;
    switch (happening) {
      case 'newcomer': {
        const person = personNumber(people.length, `c-${now.toString(RADIX)}`);
        people.push(person);
        const diary = openDiary(person, page, chance);
        diary.register(now, chance.happens(0.9) || people.length === regulars.length + 1 ? 'opt_in' : 'none');
        diary.buy(after(THOUGHT_SECONDS), chance.pick(['everyday', 'special']));
        return diary.entries;
      }
      case 'visitor': {
        const person = personNumber(people.length, `c-${now.toString(RADIX)}`);
        people.push(person);
        const diary = openDiary(person, page, chance);
        const referrer = chance.happens(0.3) ? chance.pick(regulars).customerId : undefined;
        diary.register(now, 'opt_in', referrer);
        const piece = finePiece(chance);
        const looking = after(THOUGHT_SECONDS);
        diary.view(looking, piece);
        if (chance.happens(0.3)) diary.enterCoupon(looking + SECOND, 'WELCOME-10');
        else if (chance.happens(0.5)) diary.fillCart(looking + SECOND, piece);
        return diary.entries;
      }
      case 'look':
        return somebody(page, (diary) => diary.view(now, finePiece(chance), chance.pick(PAGES)));
      case 'checkout':
        return somebody(page, (diary) => diary.startCheckout(now, finePiece(chance)));
      case 'review':
        return somebody(page, (diary) => diary.review(now, chance.between(1, 5), chance.pick(PLACES)));
      case 'nps':
        return somebody(page, (diary) => diary.answerNps(now, chance.between(0, 10)));
      case 'declaration':
        return somebody(page, (diary) => diary.declare(now, { style: chance.pick(['efficient', 'traditional']) }));
      case 'renewal':
        return somebody(page, (diary) => {
          const subscriptionId = diary.stopRenewal(now, now + PAID_FOR);
          if (chance.happens(0.5)) diary.resumeRenewal(after(SOLUTION_SECONDS), subscriptionId);
        });
      case 'change':
        return somebody(page, (diary) => {
          const changeId = diary.requestChange(now, chance.happens(0.7) ? 12 : undefined);
          if (chance.happens(0.7)) diary.confirmChange(after(SOLUTION_SECONDS), changeId);
        });
      case 'order':
        return somebody(page, (diary) => diary.buy(now, chance.pick(['everyday', 'everyday', 'special'])));
      case 'login':
        return somebody(page, (diary) => diary.logIn(now));
      case 'complaint':
        return somebody(page, (diary) => {
          const complaintId = diary.complain(now, chance.pick(['low', 'normal', 'high']));
          diary.resolve(after(SOLUTION_SECONDS), complaintId);
        });
      default:
        return happening satisfies never;
    }
  }

  function somebody(page: string, act: (diary: Diary) => void): readonly Delivery[] {
    const diary = openDiary(chance.pick(people), page, chance);
    act(diary);
    return diary.entries;
  }
}
