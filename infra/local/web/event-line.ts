/** An event as one line: what it was, and the particulars that fit. Works for event types that do not exist yet. */
import { purchaseCompleted } from '../../../shared/lifecycle/events/purchase-completed.ts';
import type { CustomerEvent } from '../../../shared/lifecycle/events/definition.ts';

/** Everything else is in the data below the line. */
const MOST_PARTICULARS = 4;

export function particularsOf({ type, data }: CustomerEvent): string {
  const purchase = type === purchaseCompleted.type ? purchaseCompleted.data.safeParse(data) : undefined;
  if (purchase?.success === true) {
    const { orderId, total, currency, items = [] } = purchase.data;
    const named = items.map(({ quantity, name }) => (quantity === 1 ? name : `${quantity} × ${name}`));
    return [`order ${orderId}`, `${total} ${currency}`, ...named].slice(0, MOST_PARTICULARS).join(', ');
  }
  const scalars = Object.entries(Object(data)).flatMap(([name, value]) =>
    name !== 'customerId' && ['string', 'number', 'boolean'].includes(typeof value)
      ? `${inWords(name)} ${String(value)}`
      : [],
  );
  return scalars.slice(0, MOST_PARTICULARS).join(', ');
}

/** "complaint id" for `complaintId` */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (capital) => ` ${capital.toLowerCase()}`);
}
