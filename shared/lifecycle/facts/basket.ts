/** The cart and the checkout as they were heard of last, by (time, id); their articles are in the journal. */
import { type Instant, utcDay } from '../time.ts';
import { latest, type Stamp } from './order-by-time.ts';

export interface Basket {
  /** 0 items: it was emptied, and a checkout from before is off, too. */
  readonly cart?: Stamp & { readonly items: number };
  readonly checkout?: Stamp;
  /** When the cart was emptied last, where it was filled again since and no checkout was started after it. */
  readonly cleared?: Stamp;
  /** When the first checkout of each day was started, where it is not the latest of all: the newest days, ascending. */
  readonly before?: readonly Instant[];
}

/** Days with a checkout: a burst of them on one day counts once, for it says no more. */
const DAYS_KEPT = 8;

/** Takes in what was heard of the one or the other; the same object when it is nothing new. */
export function withBasket(basket: Basket | undefined, heard: Basket): Basket {
  const cart = heard.cart === undefined ? basket?.cart : latest(basket?.cart, heard.cart);
  const checkout = heard.checkout === undefined ? basket?.checkout : latest(basket?.checkout, heard.checkout);
  const cleared = clearedBefore(basket, heard, cart, checkout);
  const before = checkoutsBefore(basket, heard, checkout);
  const isOld =
    basket !== undefined && cart === basket.cart && checkout === basket.checkout && cleared === basket.cleared;
  if (isOld && before.join() === (basket.before ?? []).join()) return basket;
  return {
    ...(cart && { cart }),
    ...(checkout && { checkout }),
    ...(cleared && { cleared }),
    ...(before.length > 0 && { before }),
  };
}

/** The latest emptying of the cart that the latest cart does not tell, and that may have ended a checkout. */
function clearedBefore(
  basket: Basket | undefined,
  heard: Basket,
  cart: Basket['cart'],
  checkout: Stamp | undefined,
): Stamp | undefined {
  if (cart?.items === 0) return undefined;
  const emptied = [basket?.cart, heard.cart].find((each) => each?.items === 0);
  const last = emptied ? latest(basket?.cleared, { at: emptied.at, id: emptied.id }) : basket?.cleared;
  return last && last.at >= (checkout?.at ?? last.at) ? last : undefined;
}

/** When the cart was emptied after the checkout was started; undefined when it was not. */
export function clearedAfter({ cart, cleared }: Basket, checkout: Stamp): Stamp | undefined {
  const emptied = cart?.items === 0 ? cart : cleared;
  return emptied !== undefined && emptied.at >= checkout.at ? emptied : undefined;
}

/** Union, then truncate, so the order of arrival does not matter. */
function checkoutsBefore(basket: Basket | undefined, heard: Basket, checkout: Stamp | undefined): readonly Instant[] {
  const times = [basket?.checkout?.at, heard.checkout?.at, ...(basket?.before ?? [])];
  const firstOfDay = new Map<number, Instant>();
  for (const at of times) {
    if (at !== undefined) firstOfDay.set(utcDay(at), Math.min(at, firstOfDay.get(utcDay(at)) ?? at));
  }
  const all = [...firstOfDay.values()].toSorted((a, b) => a - b).slice(-DAYS_KEPT);
  return all.filter((at) => at !== checkout?.at);
}
