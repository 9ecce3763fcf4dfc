/** `npm run campaign` against a twin, as a person would use it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignCommand } from '../../infra/commands/campaign.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';
import { run, runWith } from './run.ts';

let shop: Shop;

/** What the command says; an error of usage becomes its message. */
async function campaign(...args: readonly string[]): Promise<string> {
  try {
    return await campaignCommand([...args, '--endpoint', shop.twin.endpoint]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `refused: ${error.message}`;
  }
}

const at = (days: number) => new Date(OPENING + days * DAY).toISOString();
const order = (name: string, audience: string, when: string, ...more: readonly string[]) =>
  campaign('--name', name, '--audience', audience, '--template', 'new-harvest', '--at', when, ...more);

beforeAll(async () => {
  shop = await openShop();
  for (const each of ['anna', 'bo', 'cia']) {
    await shop.register(each);
    await shop.emit('Purchase Completed', {
      customerId: each,
      orderId: each,
      total: 40,
      currency: 'EUR',
      items: [{ sku: 's', name: 'Tea', quantity: 1, price: 40, category: each === 'cia' ? 'pots' : 'tea' }],
    });
  }
  await shop.register('unasked', { consent: undefined });
  await shop.emit('Purchase Completed', { customerId: 'unasked', orderId: 'u', total: 40, currency: 'EUR' });
  await shop.pass(4);
});

afterAll(() => shop.close());

describe('npm run campaign', () => {
  it('explains itself', async () => {
    const { code, out, err } = await run('campaign', '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('npm run campaign -- --name N');
    expect(out).toContain('Exit codes');
  });

  it.each([
    [[], 'expected --name and --audience and --template and --at, or one of --list'],
    [['--name', 'spring', '--at', 'now'], 'expected --audience and --template, or one of'],
    [['--list', '--status', 'x'], 'expected --list or --status, found both'],
    [['--status', 'none'], 'there is no campaign "none"; there are none'],
    [['stage=active'], 'expected options only, found "stage=active": put the audience in quotation marks'],
  ])('%j says what was expected', async (args, expected) => {
    expect(await campaign(...args)).toContain(`refused: ${expected}`);
  });

  it('does not take an option that npm kept for none', async () => {
    expect((await runWith({ npm_config_audience: 'stage=active' }, 'campaign', '--list')).err).toContain(
      'put -- before',
    );
  });

  it('counts who gets it, who later, who not and why, and changes nothing when it is dry', async () => {
    const said = await order('spring', 'stage=new orders>=1', at(6), '--dry-run');
    expect(said).toContain('Template  campaign/new-harvest: “The new harvest is here”');
    expect(said).toMatch(/Time {6}Sunday,? 8 March 2026 at 13:00 \(Europe\/Berlin\), that is 8 Mar 2026, 12:00 UTC/u);
    expect(said).toContain('In the audience: 4 people.\nGet it then: 3 people.\n');
    expect(said).toContain(
      'Do not get it: 1 person.\n  1 person: there is no consent to promotional mail (no consent)',
    );
    expect(said).toContain('Nothing was changed.');
    expect(await campaign('--list')).toMatch(/^There are no campaigns/u);
  });

  it('asks, and orders nothing where nobody can answer', async () => {
    expect(await order('spring', 'category=tea', at(6))).toContain('expected --yes, for nobody is here to ask');
    expect(await campaign('--list')).toMatch(/^There are no campaigns/u);
  });

  it('orders nothing for nobody', async () => {
    const said = await order('nobody', 'category=silk', at(6), '--yes');
    expect(said).toContain('Nobody is in the audience');
    expect(said).toContain('No customer bought last in the category "silk": there are pots, tea.');
  });

  it('addresses everybody in the audience, and nobody else gets it', async () => {
    const said = await order('spring', 'category=tea', at(6), '--yes');
    expect(said).toContain('spring: 2 people addressed, for 8 Mar 2026, 12:00 UTC, which is to come.');
    await shop.twin.advanceTo(OPENING + 6 * DAY + 5 * MINUTE);
    expect(shop.mailsTo('anna').at(-1)).toBe('campaign/new-harvest');
    expect(shop.mailsTo('bo').at(-1)).toBe('campaign/new-harvest');
    expect(shop.mailsTo('cia')).not.toContain('campaign/new-harvest');
    expect(await campaign('--status', 'spring')).toContain('Addressed: 2 people.\nSent: 2 people.\nWaiting: 0 people.');
  });

  it('ordered again is the same campaign, and with other particulars none', async () => {
    expect(await order('spring', 'category=tea', at(6), '--yes')).toContain('spring: 2 people addressed');
    expect(await order('spring', 'category=pots', at(6), '--yes')).toContain(
      'refused: --name: "spring" was ordered before with another audience',
    );
    await shop.wait(MINUTE);
    expect(shop.mailsTo('anna').filter((each) => each === 'campaign/new-harvest')).toHaveLength(1);
  });

  it('cancels what waits, with the reason in the ledger', async () => {
    await order('later', 'category=pots', at(8), '--yes');
    expect(await campaign('--cancel', 'later', '--yes')).toContain('later: cancelled; 1 person had been addressed.');
    expect(await campaign('--cancel', 'later')).toContain('later: cancelled');
    expect(await campaign('--status', 'later')).toContain('Will not get it: 1 person: campaign cancelled.');
    await shop.twin.advanceTo(OPENING + 8 * DAY + 5 * MINUTE);
    expect(await shop.ends('cia')).toMatchObject({ '1/campaign/new-harvest/later': 'withheld: campaign cancelled' });
    expect(await order('later', 'category=pots', at(8), '--yes')).toContain('later: cancelled');
    const status = await campaign('--status', 'later');
    expect(status).toContain(
      'Not sent: 1 person.\n  1 person: somebody has cancelled the campaign (campaign cancelled)',
    );
    expect(await campaign('--list')).toMatch(/^later {2}new-harvest to category=pots: cancelled[^]*\nspring {2}/u);
  });
});
