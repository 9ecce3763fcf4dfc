/** The helpdesk's part, played by the pages: says on the bus that somebody has taken care of what a person was asked for. */
import { randomUUID } from 'node:crypto';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { CustomerStore } from '../../../shared/adapters/customer-store.ts';
import { openAttention } from '../../../shared/lifecycle/customer/attention.ts';
import { attentionHandled } from '../../../shared/lifecycle/events/attention-handled.ts';
import type { Twin } from '../contract.ts';

const SOURCE = 'helpdesk';

export class Helpdesk {
  readonly #client: EventBridgeClient;
  readonly #twin: Pick<Twin, 'busName' | 'now'>;
  readonly #store: Pick<CustomerStore, 'load'>;

  constructor(twin: Pick<Twin, 'endpoint' | 'region' | 'busName' | 'now'>, store: Pick<CustomerStore, 'load'>) {
    const { endpoint, region } = twin;
    const credentials = { accessKeyId: 'pages', secretAccessKey: 'pages' };
    this.#client = new EventBridgeClient({ endpoint, region, credentials });
    this.#twin = twin;
    this.#store = store;
  }

  /**
   * Does what a form asks: `customer` and `attention` name what has been handled.
   *
   * @returns what is wrong with the form; undefined when it is done
   */
  async handled(form: URLSearchParams): Promise<string | undefined> {
    const [customerId, attentionId] = [form.get('customer') ?? '', form.get('attention') ?? ''];
    const profile = customerId === '' ? undefined : await this.#store.load(customerId);
    const open = profile?.kind === 'living' ? openAttention(profile) : [];
    if (!open.some(({ id }) => id === attentionId)) return 'attention: expected something that is still open';
    const metadata = {
      id: `handled-${randomUUID()}`,
      version: 1,
      occurredAt: new Date(this.#twin.now()).toISOString(),
    };
    const data = { customerId, attentionId, outcome: 'handled on the page of the local twin' };
    const entry = {
      EventBusName: this.#twin.busName,
      Source: SOURCE,
      DetailType: attentionHandled.type,
      Detail: JSON.stringify({ metadata, data }),
    };
    const { FailedEntryCount = 0, Entries } = await this.#client.send(new PutEventsCommand({ Entries: [entry] }));
    return FailedEntryCount === 0
      ? undefined
      : `the bus refused it: ${Entries?.[0]?.ErrorMessage ?? 'no reason given'}`;
  }

  close(): void {
    this.#client.destroy();
  }
}
