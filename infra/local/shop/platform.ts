/** The platform of the simulated shop: it makes the codes it is asked for, and says so on the bus. */
import { z } from 'zod';
import { ANNOUNCED, OWN_SOURCE } from '../../../shared/contracts/bus.ts';
import type { BusEvent } from '../bus.ts';
import type { ShopEvent } from '../delivery.ts';
import type { Bus } from '../player/tell.ts';
import type { RunningTwin } from '../twin.ts';

const SOURCE = 'shop.platform';
const OFFER_CONFIRMED = 'Offer Confirmed';

const offerIssued = z.object({ data: z.object({ customerId: z.string(), offerId: z.string(), code: z.string() }) });

/** The answer to an event; undefined to one that asks for nothing. It has the same id each time it is asked for. */
export function confirmationOf({ source, detailType, detail }: BusEvent, at: number): ShopEvent | undefined {
  if (source !== OWN_SOURCE || detailType !== ANNOUNCED.offerIssued) return undefined;
  const { customerId, offerId, code } = offerIssued.parse(detail).data;
  return {
    source: SOURCE,
    detailType: OFFER_CONFIRMED,
    customerId,
    detail: {
      metadata: { id: `confirmed-${offerId}`, version: 1, occurredAt: new Date(at).toISOString() },
      data: { customerId, offerId, code },
    },
  };
}

/**
 * Has the platform listen to the twin's bus.
 *
 * @returns the off switch
 */
export function openPlatform(twin: Pick<RunningTwin, 'subscribe' | 'now'>, bus: Pick<Bus, 'tell'>): () => void {
  return twin.subscribe(async (event) => {
    const confirmation = confirmationOf(event, twin.now());
    if (confirmation !== undefined) await bus.tell([confirmation]);
  });
}
