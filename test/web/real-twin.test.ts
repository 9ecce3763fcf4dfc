import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { openShop, type Shop } from '../support/shop.ts';

const entries = z.array(
  z.object({ EventBusName: z.string(), Source: z.string(), DetailType: z.string(), Detail: z.string() }),
);
const mails = z.array(z.object({ id: z.string(), to: z.string(), subject: z.string(), customer: z.string() }).loose());

let shop: Shop;
let pages: Pages;

beforeAll(async () => {
  shop = await openShop();
  pages = await startPages(shop.twin, 0);
});

afterAll(async () => {
  await pages.close();
  await shop.close();
});

async function textOf(path: string): Promise<string> {
  return (await fetch(`${pages.url}${path}`)).text();
}

it('the event that the empty mailbox suggests brings the mail, and the mail its reasons', async () => {
  const empty = await textOf('/');
  const [, suggested = ''] = /--entries &#39;(.*)&#39;<\/code>/u.exec(empty) ?? [];
  const { endpoint, region } = shop.twin;
  const bus = new EventBridgeClient({ endpoint, region, credentials: { accessKeyId: 'me', secretAccessKey: 'me' } });
  const Entries = entries.parse(JSON.parse(suggested.replaceAll('&quot;', '"')));
  await bus.send(new PutEventsCommand({ Entries }));
  bus.destroy();
  await shop.twin.advanceTo(shop.twin.now());

  const [mail] = mails.parse(JSON.parse(await textOf('/mailbox.json?to=anna@example.com')));
  expect(mail).toMatchObject({ to: 'anna@example.com', programme: 'onboarding', step: 'welcome' });
  const page = await textOf(`/mail/${mail?.id}`);
  expect(page).toContain('The stage was “New”: first order');
  expect(await textOf(`/mail/${mail?.id}/body`)).toContain('First flush Darjeeling');
  const customer = await textOf(`/customers/${mail?.customer}`);
  expect(customer).toContain(`href="/mail/${mail?.id}"`);
  expect(customer).toContain('Lead → New');
  expect(customer).toContain('Onboarding, guide');
});

it('an event that breaks the contract is listed with its field', async () => {
  await shop.emit('Purchase Completed', { customerId: 'c-1', orderId: '1', total: -4, currency: 'EUR' });
  const text = await textOf('/refused');
  expect(text).toContain('<h2>Purchase Completed</h2>');
  expect(text).toMatch(/<code>data\.total<\/code>:\s+expected an amount/u);
});

it('a customer with an awkward id is found and explained after a year', async () => {
  const customerId = `a/b "c" 100%`;
  await shop.emit('Customer Registered', {
    customerId,
    email: 'awkward@example.com',
    consent: { marketing: 'opt_in', source: 'test', at: new Date(shop.twin.now()).toISOString() },
  });
  await shop.buy(customerId, 'o-1');
  await shop.pass(365);
  const page = await textOf(`/customers/${encodeURIComponent(customerId)}`);
  for (const change of ['Lead → New', 'New → ', ' → Lapsed']) expect(page).toContain(change);
  expect(page).toContain('Win-back, offer');
  expect(page).toContain('Nothing is planned');
});

it('the button that says that somebody has taken care of it closes a call for a person', async () => {
  await shop.register('c-2');
  await shop.emit('Complaint Opened', { customerId: 'c-2', complaintId: 'k-1', channel: 'phone', severity: 'high' });
  const calling = await textOf('/customers/c-2');
  expect(calling).toContain('A severe complaint is open');
  const [, attention = ''] = /name="attention" value="([^"]+)"/u.exec(calling) ?? [];

  const form = new URLSearchParams({ customer: 'c-2', attention, from: 'customer' });
  const answer = await fetch(`${pages.url}/attention`, { method: 'POST', body: form, redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/customers/c-2']);
  await shop.twin.advanceTo(shop.twin.now());

  const after = await textOf('/customers/c-2');
  expect(after).not.toContain('Needs a person');
  expect(after).toContain('Attention Handled');
});
