/** What an export's other files tell of the customers of its orders, found by the number that a customer has there. */
import type { Complaint } from '../history/complaints.ts';
import type { MomentLog } from '../history/moments.ts';
import type { OrderLog } from '../history/order-log.ts';
import { byCustomer, momentsOf, numbersOf } from '../history/told.ts';
import type { Besides } from './happenings.ts';

/** What a complaint is taken to be where its file does not say. */
const UNSAID = { channel: 'unknown', severity: 'normal' } as const;

export interface OtherFiles {
  readonly logins?: MomentLog;
  readonly complaints?: readonly Complaint[];
}

export interface JoinedFiles {
  readonly besides: (customer: number) => Besides;
  /** People in the other files who have no order: nothing is played of them. */
  readonly withoutOrder: number;
}

/** Joins the files by customer. */
export function joinFiles({ customers }: Pick<OrderLog, 'customers'>, files: OtherFiles): JoinedFiles {
  const { logins } = files;
  const numbers = numbersOf(logins?.customers);
  const complaints = byCustomer(files.complaints);
  const known = new Set(customers);
  const others = new Set([...numbers.keys(), ...complaints.keys()]);
  const loginsOf = (customerId: string): readonly number[] => {
    const number = numbers.get(customerId);
    if (logins === undefined || number === undefined) return [];
    return Array.from(momentsOf(logins, number));
  };
  return {
    besides: (customer) => {
      const customerId = customers[customer] ?? '';
      return {
        logins: loginsOf(customerId),
        complaints: (complaints.get(customerId) ?? []).map((each, index) => ({
          ...UNSAID,
          complaintId: `complaint-${index}`,
          ...each,
          at: each.openedAt,
        })),
      };
    },
    withoutOrder: [...others].filter((customerId) => !known.has(customerId)).length,
  };
}
