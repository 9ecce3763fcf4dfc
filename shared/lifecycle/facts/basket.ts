/** The cart and the checkout as they were heard of last, by (time, id); their articles are in the journal. */
import { latest, type Stamp } from './order-by-time.ts';

export interface Basket {
  /** 0 items: it was emptied, and a checkout from before is off, too. */
  readonly cart?: Stamp & { readonly items: number };
  readonly checkout?: Stamp;
}

/** Takes in what was heard of the one or the other; the same object when it is nothing new. */
export function withBasket(basket: Basket | undefined, heard: Basket): Basket {
  const cart = heard.cart === undefined ? basket?.cart : latest(basket?.cart, heard.cart);
  const checkout = heard.checkout === undefined ? basket?.checkout : latest(basket?.checkout, heard.checkout);
  if (basket !== undefined && cart === basket.cart && checkout === basket.checkout) return basket;
  return { ...(cart && { cart }), ...(checkout && { checkout }) };
}
