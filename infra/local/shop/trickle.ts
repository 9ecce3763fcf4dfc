/** The simulated shop from now on: every few seconds somebody registers, buys, logs in or complains, for ever. */
import type { Instant } from '../../../shared/lifecycle/time.ts';
import { byTimeAndCustomer, type Delivery } from '../delivery.ts';
import { chanceOf } from '../random.ts';
import { type Diary, mistakes, openDiary } from './diary.ts';
import { type Person, personNumber } from './people.ts';

const SECOND = 1_000;
/** Between two things that happen. */
const PAUSE_SECONDS = { least: 3, most: 8 } as const;
/** Between a registration and the first order, or an opened complaint and its solution. */
const THOUGHT_SECONDS = { least: 5, most: 12 } as const;
const SOLUTION_SECONDS = { least: 60, most: 150 } as const;
/** Radix of the shortest readable form of an instant. */
const RADIX = 36;

type Happening = 'newcomer' | 'order' | 'login' | 'complaint' | 'mistake';

/** How often each happens, in percent. */
const SHARES: readonly (readonly [Happening, number])[] = [
  ['newcomer', 30],
  ['order', 32],
  ['login', 27],
  ['complaint', 9],
  ['mistake', 2],
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
      case 'order':
        return somebody(page, (diary) => diary.buy(now, chance.pick(['everyday', 'everyday', 'special'])));
      case 'login':
        return somebody(page, (diary) => diary.logIn(now));
      case 'complaint':
        return somebody(page, (diary) => {
          const complaintId = diary.complain(now, chance.pick(['low', 'normal', 'high']));
          diary.resolve(after(SOLUTION_SECONDS), complaintId);
        });
      case 'mistake':
        return mistakes(now, page).slice(0, 1);
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
