/** An event as one line: what it was, and the particulars that fit. Works for event types that do not exist yet. */
import { campaignAddressed } from '../events/campaign-addressed.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { purchaseCompleted } from '../events/purchase-completed.ts';

/** Everything else is in the data below the line. */
const MOST_PARTICULARS = 4;

/** "Purchase Completed (order 17, 42.5 EUR)" */
export function eventLine(event: CustomerEvent): string {
  const particulars = particularsOf(event);
  return particulars === '' ? event.type : `${event.type} (${particulars})`;
}

export function particularsOf({ type, data }: CustomerEvent): string {
  const purchase = type === purchaseCompleted.type ? purchaseCompleted.data.safeParse(data) : undefined;
  if (purchase?.success === true) {
    const { orderId, total, currency, items = [] } = purchase.data;
    const named = items.map(({ quantity, name }) => (quantity === 1 ? name : `${quantity} × ${name}`));
    return [`order ${orderId}`, `${total} ${currency}`, ...named].slice(0, MOST_PARTICULARS).join(', ');
  }
  const campaign = type === campaignAddressed.type ? campaignAddressed.data.safeParse(data) : undefined;
  if (campaign?.success === true) {
    const { campaign: name, step, audience } = campaign.data;
    return [`campaign “${name}”`, step.replaceAll('-', ' '), `to ${audience}`].join(', ');
  }
  return scalarsOf(Object(data)).slice(0, MOST_PARTICULARS).join(', ');
}

/** "severity high", "win-back off"; records within come last, for what a reader chose stands in one. */
function scalarsOf(data: object): readonly string[] {
  const fields: readonly (readonly [string, unknown])[] = Object.entries(data);
  const own = fields.flatMap(([name, value]) =>
    name !== 'customerId' && ['string', 'number', 'boolean'].includes(typeof value)
      ? [`${inWords(name)} ${String(value)}`]
      : [],
  );
  const within = fields.flatMap(([, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? scalarsOf(value) : [],
  );
  return [...own, ...within];
}

/** "complaint id" for `complaintId` */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (capital) => ` ${capital.toLowerCase()}`);
}
