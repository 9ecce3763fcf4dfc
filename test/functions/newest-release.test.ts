import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { sendBatch } from '../../functions/send/send-batch.ts';
import { recordCustomer, type RecordServices } from '../../functions/record/record-customer.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { complained, CUSTOMER, event, loggedIn, registered, START } from '../support/events.ts';
import { delivery } from '../support/delivery.ts';
import { PLAYBOOK_FOR_RULES, SHIPPED } from '../support/playbooks.ts';
import { Bench } from './bench.ts';

const APOLOGY = '1/recovery/apology/k-1';
const logger = new Logger({ logLevel: 'SILENT' });

const due = delivery(
  'm-1',
  JSON.stringify({
    id: 'm-1',
    source: 'perennial',
    'detail-type': 'Message Due',
    detail: { data: { customerId: CUSTOMER, key: APOLOGY } },
  }),
);

/** A playbook from before there were apologies, or from after they were given up. */
const WITHOUT: Playbook = {
  ...PLAYBOOK_FOR_RULES,
  programmes: PLAYBOOK_FOR_RULES.programmes.filter(({ id }) => id !== 'recovery'),
};

/** Somebody waits for an apology; this instance holds a playbook that knows of none. */
async function complainant(): Promise<Bench> {
  const bench = new Bench();
  await bench.record(registered(START), complained(START, 'k-1'));
  bench.playbook = WITHOUT;
  return bench;
}

const newestOf = (playbook: Playbook) => async () => ({ playbook, releaseId: 'r2' });
const unreadable = () => Promise.reject(new Error('away'));

describe('a message whose step is not in the playbook at hand', () => {
  it('goes out when the newest playbook has it', async () => {
    const bench = await complainant();
    const newest = async () => ({ ...bench.senders, playbook: PLAYBOOK_FOR_RULES, releaseId: 'r2' });
    await sendBatch({ ...bench.senders, newest }, [due], logger);
    expect(bench.mailer.keys).toEqual([APOLOGY]);
  });

  it('ends when the newest has it no more, and the entry names that release', async () => {
    const bench = await complainant();
    const newest = async () => ({ ...bench.senders, releaseId: 'r2' });
    await sendBatch({ ...bench.senders, newest }, [due], logger);
    expect(await bench.ledger()).toEqual([`${APOLOGY} cancelled: step removed`]);
    expect(await bench.store.readEntry(CUSTOMER, APOLOGY)).toMatchObject({ release: 'r2' });
  });

  it('stays as it is while nobody can say which is the newest', async () => {
    const bench = await complainant();
    await expect(sendBatch({ ...bench.senders, newest: unreadable }, [due], logger)).rejects.toThrow('away');
    const recording = recordCustomer(
      { ...bench.recording, newestPlaybook: unreadable },
      { customerId: CUSTOMER, events: [loggedIn(START + 1)] },
    );
    await expect(recording).rejects.toThrow('away');
    expect(Object.keys((await bench.customer()).pending)).toEqual([APOLOGY]);
  });

  it('is not cancelled by an event that comes to an instance which has heard of the release later', async () => {
    const bench = await complainant();
    await recordCustomer(
      { ...bench.recording, newestPlaybook: newestOf(PLAYBOOK_FOR_RULES) },
      { customerId: CUSTOMER, events: [loggedIn(START + 1)] },
    );
    expect(Object.keys((await bench.customer()).pending)).toEqual([APOLOGY]);
  });

  it('is cancelled by it when the newest has it no more', async () => {
    const bench = await complainant();
    await recordCustomer(
      { ...bench.recording, newestPlaybook: newestOf(WITHOUT) },
      { customerId: CUSTOMER, events: [loggedIn(START + 1)] },
    );
    expect(await bench.ledger()).toEqual([`${APOLOGY} cancelled: step removed`]);
    expect(await bench.store.readEntry(CUSTOMER, APOLOGY)).toMatchObject({ release: 'r2' });
  });

  it('is asked about only when there is one', async () => {
    const bench = await complainant();
    bench.playbook = PLAYBOOK_FOR_RULES;
    await sendBatch({ ...bench.senders, newest: unreadable }, [due], logger);
    await recordCustomer(
      { ...bench.recording, newestPlaybook: unreadable },
      { customerId: CUSTOMER, events: [loggedIn(START + 1)] },
    );
    expect(bench.mailer.keys).toEqual([APOLOGY]);
  });
});

const told = (bench: Bench, newest: RecordServices['newestPlaybook'], ...events: readonly CustomerEvent[]) =>
  recordCustomer({ ...bench.recording, ...(newest && { newestPlaybook: newest }) }, { customerId: CUSTOMER, events });

describe('a campaign whose step is not in the playbook at hand', () => {
  const AT = START + HOUR;
  const addressed = event('Campaign Addressed', START + 1, {
    campaign: 'spring',
    step: 'new-harvest',
    at: new Date(AT).toISOString(),
    audience: 'stage=lead',
  });
  const SPRING = '1/campaign/new-harvest/spring';
  const OLD: Playbook = { ...SHIPPED, programmes: SHIPPED.programmes.filter(({ id }) => id !== 'campaign') };

  async function reader(): Promise<Bench> {
    const bench = new Bench();
    bench.playbook = OLD;
    await bench.record(registered(START));
    bench.now = AT;
    return bench;
  }
  const isPlanned = async (bench: Bench) => Object.keys((await bench.customer()).pending).includes(SPRING);

  it('reaches who is addressed, when the newest has it', async () => {
    const bench = await reader();
    await told(bench, newestOf(SHIPPED), addressed);
    expect(await isPlanned(bench)).toBe(true);
  });

  it('reaches who was addressed before at the next event, when the newest has it', async () => {
    const bench = await reader();
    await told(bench, newestOf(OLD), addressed);
    expect(await isPlanned(bench)).toBe(false);
    await told(bench, newestOf(SHIPPED), loggedIn(AT));
    expect(await isPlanned(bench)).toBe(true);
  });

  it('is not forgotten while nobody can say which is the newest', async () => {
    const bench = await reader();
    await expect(told(bench, unreadable, addressed)).rejects.toThrow('away');
  });

  it('is asked about neither when the playbook has it nor when its mail is long past', async () => {
    const bench = await reader();
    bench.playbook = SHIPPED;
    await told(bench, unreadable, addressed);
    bench.playbook = OLD;
    bench.now = AT + 31 * DAY;
    const customer = await bench.customer();
    // Its message has ended: of one that waits the playbook is asked for in any case.
    await bench.store.save({ ...customer, pending: {}, version: customer.version + 1 }, customer.version);
    await told(bench, unreadable, loggedIn(bench.now));
    expect((await bench.customer()).facts.campaigns).toHaveLength(1);
  });
});
