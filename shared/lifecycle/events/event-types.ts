/** Every event type a shop may emit, and those our own functions emit about readers and addresses. A new type is one file beside this one, its test, and one line here. */
import { addressSuppressed } from './address-suppressed.ts';
import { complaintOpened } from './complaint-opened.ts';
import { complaintResolved } from './complaint-resolved.ts';
import { customerErasureRequested } from './customer-erasure-requested.ts';
import { customerRegistered } from './customer-registered.ts';
import type { EventType } from './definition.ts';
import { loginSucceeded } from './login-succeeded.ts';
import { orderCancelled } from './order-cancelled.ts';
import { orderDelivered } from './order-delivered.ts';
import { preferencesChanged } from './preferences-changed.ts';
import { profileUpdated } from './profile-updated.ts';
import { purchaseCompleted } from './purchase-completed.ts';
import { purchaseRefunded } from './purchase-refunded.ts';
import { questionAnswered } from './question-answered.ts';

export const EVENT_TYPES = [
  customerRegistered,
  profileUpdated,
  purchaseCompleted,
  orderCancelled,
  orderDelivered,
  purchaseRefunded,
  loginSucceeded,
  complaintOpened,
  complaintResolved,
  preferencesChanged,
  questionAnswered,
  addressSuppressed,
  customerErasureRequested,
] as const satisfies readonly EventType[];

const byName = new Map<string, EventType>(EVENT_TYPES.map((each) => [each.type, each]));

export function eventType(name: string): EventType | undefined {
  return byName.get(name);
}
