/**
 * Brings about what is behind every alarm, in the twin, sees the alarm go off for it, puts it right and sees the alarm end.
 * An alarm nobody can bring about here would be listed with its reason, and fail this test if it went off all the same.
 */
/* oxlint-disable vitest/expect-expect -- what every test expects is in one function */
import { readFile, writeFile } from 'node:fs/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueUrlCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AlarmState } from '../../infra/local/contract.ts';
import type { FaultPlan, FunctionCall } from '../../infra/local/faults.ts';
import type { Grant } from '../../infra/local/iam.ts';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { linksIn, openShop, send, type Shop } from '../support/shop.ts';
import { closeQueue, removeAll, sabotaged, type Sabotaged } from './sabotage.ts';

/** Alarms whose condition cannot be brought about in the twin, and why. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {};

/** Names of the alarms that went off and ended. */
const brought = new Set<string>();
/** Names of all alarms of the deployment. */
const deployed = new Set<string>();

const PREFIX = 'perennial-local-';
const named = (name: string) => `${PREFIX}${name}`;

function alarmOf({ twin }: Shop, name: string): AlarmState {
  const found = twin.monitoring.alarms.find((each) => each.name === named(name));
  if (found === undefined) throw new Error(`no alarm ${name}`);
  return found;
}

const statesOf = (shop: Shop, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, alarmOf(shop, name).state]));
const allOf = (names: readonly string[], state: string) => Object.fromEntries(names.map((name) => [name, state]));

/** What an alarm has told since then. */
const statesSince = (shop: Shop, name: string, began: number) =>
  alarmOf(shop, name)
    .changes.filter(({ at }) => at >= began)
    .map(({ state }) => state);

/** Brings a condition about and ends it; these alarms have to tell of both. */
async function expectAlarms(
  shop: Shop,
  names: readonly string[],
  bring: () => Promise<void>,
  end: () => Promise<void>,
): Promise<void> {
  const began = shop.twin.now();
  expect(names.filter((name) => alarmOf(shop, name).state === 'ALARM')).toEqual([]);
  await bring();
  // Some are over by then: what kills a function is put aside.
  const rang = (name: string) => alarmOf(shop, name).changes.some(({ at, state }) => at >= began && state === 'ALARM');
  expect(names.filter((name) => !rang(name))).toEqual([]);
  await end();
  expect(statesOf(shop, names)).toEqual(allOf(names, 'OK'));
  for (const name of names) brought.add(name);
}

/** Sets what goes wrong; nothing any more when left out. */
function plan({ twin }: Shop, faults?: FaultPlan): void {
  twin.faults.plan = faults;
}

/** A function dies at each of its calls. */
const dies = (name: string): FaultPlan => ({
  call: ({ functionName }) => (functionName === named(name) ? { kind: 'dies', effect: 'before' } : undefined),
});

/** What lets a failure of the sweep be put aside. */
const isRightOfSweep = ({ action, where }: Grant) =>
  action === 'sqs:SendMessage' && where.includes('sweepFunctionRole');

/** The first fate of a plan, and none after it. */
function once({ call }: FaultPlan): FaultPlan {
  let met = false;
  return {
    call: (made) => {
      const fate = met ? undefined : call?.(made);
      met ||= fate !== undefined;
      return fate;
    },
  };
}

/** Calls are refused by the service, with an error that the client does not try to get over. */
const refused = (code: string, meant: (call: FunctionCall) => boolean): FaultPlan => ({
  call: (call) => (meant(call) ? { kind: 'refused', status: 400, code, message: 'on purpose' } : undefined),
});

function accessTo({ twin: { endpoint, region } }: Shop) {
  return { endpoint, region, credentials: { accessKeyId: 'ops', secretAccessKey: 'ops' } };
}

/** Empties queues, as whoever has read what lies there. */
async function purge(shop: Shop, ...queues: readonly string[]): Promise<void> {
  const sqs = new SQSClient(accessTo(shop));
  for (const queue of queues) {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: named(queue) }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  }
  sqs.destroy();
}

/** Something happens every minute. */
async function everyMinute(shop: Shop, minutes: number, happens: (minute: number) => Promise<unknown>): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await happens(minute);
    await shop.wait(MINUTE);
  }
}

let people = 0;
/** Nobody has heard of this customer. */
function somebody(): string {
  people += 1;
  return `somebody-${people}`;
}

async function complains(
  shop: Shop,
  customerId = somebody(),
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  await shop.register(customerId, more);
  await shop.complain(customerId, 'k');
  return customerId;
}

/** Goes on until a minute before something is due of a customer, whose id this returns; until then a sweep has nothing to do. */
async function waitForTimer(shop: Shop): Promise<string> {
  const customerId = somebody();
  await shop.register(customerId);
  await shop.buy(customerId, customerId);
  const profile = await shop.store.load(customerId);
  const dueAt = profile?.kind === 'living' ? profile.dueAt : undefined;
  if (dueAt === undefined) throw new Error('nothing is due');
  await shop.twin.advanceTo(dueAt - MINUTE);
  return customerId;
}

/** Nothing of what went wrong is left. */
function wellAgain(shop: Shop): void {
  plan(shop);
  shop.twin.ses.recover();
  expect(shop.twin.monitoring.alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name)).toEqual([]);
}

async function close(shop: Shop): Promise<void> {
  const { alarms } = shop.twin.monitoring;
  for (const { name } of alarms) deployed.add(name.replace(PREFIX, ''));
  const surprises = alarms.filter(
    ({ name, changes }) => name.replace(PREFIX, '') in OUT_OF_REACH && changes.some(({ state }) => state === 'ALARM'),
  );
  expect(surprises).toEqual([]);
  await shop.close();
}

/** Milliseconds, of real time: more than four fifths of the timeout of the pages. */
const SLOW_MS = 8_300;

/** Goes on beside the other tests, for durations are real ones: three of them have to go by. */
async function playSlowPages(): Promise<void> {
  const broken = await sabotaged();
  const slowly = `setTimeout(() => resolve({ statusCode: 200, body: '' }), ${SLOW_MS})`;
  const handler = `export const handler = () => new Promise((resolve) => ${slowly});`;
  await writeFile(broken.assetFile('preferences', 'index.mjs'), handler);
  const shop = await openShop(undefined, { assembly: broken.assembly });
  await shop.wait(HOUR);
  const url = shop.twin.functionUrls.get(named('preferences')) ?? '';
  await expectAlarms(
    shop,
    ['slow'],
    () => everyMinute(shop, 3, () => fetch(url)),
    () => shop.wait(HOUR),
  );
  await close(shop);
  await broken.remove();
}

let slowPages: Promise<unknown>;
beforeAll(() => {
  // Whoever waits for it hears what went wrong.
  slowPages = playSlowPages().catch((error: unknown) => error);
});

describe('a deployment as it should be', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
    await shop.pass(1);
  });
  afterAll(() => close(shop));
  afterEach(() => wellAgain(shop));

  it('is quiet: nobody is woken because nothing happens', async () => {
    await complains(shop);
    await shop.pass(2);
    expect(shop.twin.monitoring.alarms.filter(({ state }) => state === 'ALARM')).toEqual([]);
  });

  it('record-dead: the shop breaks a contract', () =>
    expectAlarms(
      shop,
      ['record-dead'],
      async () => {
        await shop.emit('Purchase Completed', { customerId: 'c', orderId: '1', total: -1, currency: 'EUR' });
        await shop.wait(2 * MINUTE);
      },
      async () => {
        await purge(shop, 'record-dead');
        await shop.wait(2 * MINUTE);
      },
    ));

  it.each(['record', 'send', 'feedback'])('%s: failing and then dead, for the function is killed each time', (name) =>
    expectAlarms(
      shop,
      [`${name}-failing`, `${name}-dead`],
      async () => {
        plan(shop, dies(name));
        await complains(shop);
        await shop.wait(8 * MINUTE);
        // Told before the event is put aside, after a quarter of an hour.
        expect(alarmOf(shop, `${name}-failing`).state).toBe('ALARM');
        expect(alarmOf(shop, `${name}-dead`).state).not.toBe('ALARM');
        await shop.wait(12 * MINUTE);
      },
      async () => {
        plan(shop);
        // What has come the fifth time by now goes the same way.
        await shop.wait(HOUR);
        await purge(shop, `${name}-dead`);
        await shop.wait(2 * MINUTE);
      },
    ),
  );

  it('sweep-silent and sweep-dead: the sweep is killed each time', () =>
    expectAlarms(
      shop,
      ['sweep-silent', 'sweep-dead'],
      async () => {
        await waitForTimer(shop);
        plan(shop, dies('sweep'));
        await shop.wait(8 * MINUTE);
      },
      async () => {
        plan(shop);
        await purge(shop, 'sweep-dead');
        await shop.wait(20 * MINUTE);
      },
    ));

  it('failures-lost: the sweep is killed each time, and somebody has taken its right to write to its queue', () =>
    expectAlarms(
      shop,
      ['failures-lost'],
      async () => {
        await waitForTimer(shop);
        plan(shop, { ...dies('sweep'), withholds: isRightOfSweep });
        await shop.wait(8 * MINUTE);
        expect(alarmOf(shop, 'sweep-dead').state).toBe('OK');
      },
      async () => {
        plan(shop);
        await shop.wait(HOUR);
      },
    ));

  it('sweep-late: one customer cannot be worked on', async () => {
    await expectAlarms(
      shop,
      ['sweep-late'],
      async () => {
        const customerId = await waitForTimer(shop);
        plan(
          shop,
          refused(
            'AccessDeniedException',
            ({ functionName, service, body }) =>
              functionName === named('record') && service === 'dynamodb' && body.includes(customerId),
          ),
        );
        await shop.wait(HOUR);
      },
      async () => {
        plan(shop);
        // What has come the fifth time by now is put aside all the same.
        await shop.wait(20 * MINUTE);
        await purge(shop, 'record-dead');
        await shop.wait(2 * HOUR);
      },
    );
  });

  it('wakes nobody for one customer while all others flow, and tells of it in the morning', async () => {
    const [customerId, other] = [somebody(), somebody()];
    await shop.register(customerId);
    await shop.register(other);
    await expectAlarms(
      shop,
      ['record-dead'],
      async () => {
        plan(
          shop,
          refused(
            'ValidationException',
            ({ functionName, service, body }) =>
              functionName === named('record') && service === 'dynamodb' && body.includes(customerId),
          ),
        );
        await shop.buy(customerId, '1');
        await everyMinute(shop, 20, () => shop.emit('Login Succeeded', { customerId: other }));
      },
      async () => {
        const awake = shop.twin.monitoring.alarms.filter(
          ({ severity, state }) => severity === 'urgent' && state === 'ALARM',
        );
        expect(awake.map(({ name }) => name)).toEqual([]);
        plan(shop);
        await purge(shop, 'record-dead');
        await shop.wait(2 * MINUTE);
      },
    );
  });

  it('throttled: the account has no concurrency left', () =>
    expectAlarms(
      shop,
      ['throttled'],
      async () => {
        plan(shop, { throttles: (functionName) => functionName === named('record') });
        await everyMinute(shop, 5, () => shop.register(somebody()));
      },
      async () => {
        plan(shop);
        await shop.wait(HOUR);
      },
    ));

  it('table-throttled: the table refuses a write every minute', () =>
    expectAlarms(
      shop,
      ['table-throttled'],
      () =>
        everyMinute(shop, 4, async () => {
          plan(shop, once(refused('ThrottlingException', ({ operation }) => operation === 'PutItem')));
          await shop.register(somebody());
        }),
      async () => {
        plan(shop);
        await shop.wait(HOUR);
      },
    ));

  it('conflicts: somebody else is always faster', () =>
    expectAlarms(
      shop,
      ['conflicts'],
      async () => {
        plan(
          shop,
          refused(
            'ConditionalCheckFailedException',
            ({ functionName, operation, body }) =>
              functionName === named('record') && operation === 'PutItem' && body.includes('"PROFILE"'),
          ),
        );
        // Seven customers with eight attempts each, every three minutes until they are put aside.
        await shop.put(...Array.from({ length: 7 }, () => registration(shop, somebody())));
        await shop.wait(17 * MINUTE);
      },
      async () => {
        plan(shop);
        await shop.wait(HOUR);
        await purge(shop, 'record-dead');
        await shop.wait(2 * MINUTE);
      },
    ));

  it('send-stopped and mail-waiting: SES takes no mail for an hour', () =>
    expectAlarms(
      shop,
      ['send-stopped', 'mail-waiting'],
      async () => {
        shop.twin.ses.fail('account paused');
        await complains(shop);
        await shop.wait(2 * MINUTE);
        // A mail that has just been held up is late to nobody.
        expect(statesOf(shop, ['send-stopped', 'mail-waiting'])).toEqual({
          'send-stopped': 'ALARM',
          'mail-waiting': 'OK',
        });
        await everyMinute(shop, 60, async () => undefined);
        await complains(shop);
        await shop.wait(2 * MINUTE);
      },
      async () => {
        shop.twin.ses.recover();
        await shop.wait(5 * HOUR);
      },
    ));

  it('send-stopped: the daily quota is used up', () =>
    expectAlarms(
      shop,
      ['send-stopped'],
      async () => {
        shop.twin.ses.fail('daily quota');
        await complains(shop);
        await shop.wait(2 * MINUTE);
      },
      async () => {
        shop.twin.ses.recover();
        await shop.wait(3 * HOUR);
        await complains(shop);
        await shop.wait(5 * MINUTE);
      },
    ));

  it('send-held: our share of the day is used up', () =>
    expectAlarms(
      shop,
      ['send-held'],
      async () => {
        const { max24HourSend } = shop.twin.ses.quota;
        shop.twin.ses.setQuota({ max24HourSend: 1 });
        // By then the senders ask for the quota anew, and what they had reserved is over.
        await shop.wait(HOUR + 30 * MINUTE);
        await complains(shop);
        await shop.wait(2 * MINUTE);
        shop.twin.ses.setQuota({ max24HourSend });
      },
      () => shop.wait(5 * HOUR),
    ));

  it('send-held: a pause was forgotten', () =>
    expectAlarms(
      shop,
      ['send-held'],
      async () => {
        await shop.pause();
        // Every sender has read of it by then.
        await shop.wait(MINUTE);
        await complains(shop);
        await shop.wait(22 * HOUR);
        expect(alarmOf(shop, 'send-held').state).toBe('OK');
        await shop.wait(3 * HOUR);
      },
      async () => {
        await shop.resume();
        await shop.wait(4 * HOUR);
      },
    ));

  it('is quiet about mail that waits for the morning', async () => {
    await shop.waitUntil(21);
    const customerId = somebody();
    await shop.register(customerId);
    // Told so late that it is no answer to the reader's own act any more.
    await shop.emit(
      'Purchase Completed',
      { customerId, orderId: customerId, total: 40, currency: 'EUR' },
      { at: shop.twin.now() - HOUR },
    );
    await shop.wait(6 * HOUR);
    expect(await shop.pending(customerId, '1/onboarding/welcome/1')).toMatchObject({ heldBy: 'quiet hours' });
    expect(shop.mailsTo(customerId)).toEqual([]);
    expect(alarmOf(shop, 'mail-waiting').state).toBe('OK');
    await shop.waitUntil(12);
  });

  it('rejected: SES refuses one message for good', () =>
    expectAlarms(
      shop,
      ['rejected'],
      async () => {
        shop.twin.ses.fail('rejected', { calls: 1 });
        await complains(shop);
        await shop.wait(2 * MINUTE);
      },
      () => shop.wait(HOUR),
    ));

  it('outcome-unknown: SES fails in the middle of three calls', () =>
    expectAlarms(
      shop,
      ['outcome-unknown'],
      async () => {
        shop.twin.ses.fail('error before accepting', { calls: 3 });
        for (let each = 0; each < 3; each += 1) await complains(shop);
        await shop.wait(10 * MINUTE);
      },
      () => shop.wait(5 * HOUR),
    ));

  it('content-kept: nobody can read which release is live, in a shop with an event every four hours', () =>
    expectAlarms(
      shop,
      ['content-kept'],
      async () => {
        const began = shop.twin.now();
        plan(
          shop,
          refused(
            'AccessDeniedException',
            ({ service, body }) => service === 'dynamodb' && body.includes('perennial-local-content'),
          ),
        );
        for (let event = 0; event < 5; event += 1) {
          await shop.register(somebody());
          await shop.wait(4 * HOUR);
        }
        // It holds: nobody is mailed at each event.
        expect(statesSince(shop, 'content-kept', began)).toEqual(['ALARM']);
      },
      async () => {
        plan(shop);
        await shop.wait(25 * HOUR);
      },
    ));

  it('preferences-failing: a reader who unsubscribes gets an error', async () => {
    const customerId = await complains(shop);
    const { oneClick } = await linksIn(shop.lastMail(customerId));
    await expectAlarms(
      shop,
      ['preferences-failing'],
      async () => {
        plan(shop, dies('preferences'));
        expect((await send(oneClick, ['List-Unsubscribe', 'One-Click'])).status).toBeGreaterThanOrEqual(500);
        await shop.wait(2 * MINUTE);
      },
      async () => {
        plan(shop);
        expect((await send(oneClick, ['List-Unsubscribe', 'One-Click'])).status).toBe(200);
        await shop.wait(10 * MINUTE);
      },
    );
  });

  /** A request that nobody signed who holds the key. */
  const forged = async () => {
    const url = shop.twin.functionUrls.get(named('ingest'));
    if (url === undefined) throw new Error('the intake has no URL');
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': somebody(),
        'webhook-timestamp': String(Math.floor(shop.twin.now() / 1000)),
        'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
      },
      body: '[]',
    });
    return response.status;
  };

  it('ingest-refused: somebody signs with another key', () =>
    expectAlarms(
      shop,
      ['ingest-refused'],
      async () => {
        expect(await forged()).toBe(401);
        await shop.wait(2 * MINUTE);
      },
      () => shop.wait(10 * MINUTE),
    ));

  /** A request that a sender makes again, as often as it does before it gives up. */
  const sendsInVain = async () => {
    for (let tries = 0; tries < 7; tries += 1) expect(await forged()).toBe(502);
  };

  it('ingest-failing: the intake dies on each request of a shop that sends every hour or two', () =>
    expectAlarms(
      shop,
      ['ingest-failing'],
      async () => {
        const began = shop.twin.now();
        plan(shop, dies('ingest'));
        await sendsInVain();
        await shop.wait(80 * MINUTE);
        // One that was given up is a moment.
        expect(alarmOf(shop, 'ingest-failing').state).not.toBe('ALARM');
        for (let requests = 0; requests < 3; requests += 1) {
          await sendsInVain();
          await shop.wait(2 * MINUTE);
          expect(alarmOf(shop, 'ingest-failing').state).toBe('ALARM');
          await shop.wait(78 * MINUTE);
        }
        // It holds: nobody is woken anew by each request.
        expect(statesSince(shop, 'ingest-failing', began).filter((state) => state === 'ALARM')).toHaveLength(1);
      },
      async () => {
        plan(shop);
        await forged();
        await shop.wait(3 * HOUR);
      },
    ));

  it('bounces and complaints: an old list', () => {
    const names = ['bounces', 'complaints'].flatMap((kind) => [`${kind}-warning`, `${kind}-critical`]);
    return expectAlarms(
      shop,
      names,
      async () => {
        await shop.waitUntil(12);
        // Paced by a rate it would take as long as it would for real.
        shop.twin.ses.setQuota({ maxSendRate: 1_000 });
        for (let each = 0; each < 10; each += 1)
          await complains(shop, somebody(), { email: `bounce+${each}@simulator.amazonses.com` });
        await complains(shop, somebody(), { email: 'complaint@simulator.amazonses.com' });
        await shop.wait(10 * MINUTE);
        // Of so few mails a rate means nothing.
        expect(statesOf(shop, names)).toEqual(allOf(names, 'OK'));
        for (let each = 0; each < 19; each += 1) {
          const customerIds = Array.from({ length: 10 }, somebody);
          await shop.put(...customerIds.map((customerId) => registration(shop, customerId)));
          await shop.twin.advanceTo(shop.twin.now());
          await shop.put(
            ...customerIds.map((customerId) => ({
              type: 'Complaint Opened',
              data: { customerId, complaintId: 'k', channel: 'email', severity: 'normal' },
            })),
          );
          await shop.wait(MINUTE);
        }
        await shop.wait(2 * MINUTE);
      },
      // Before the complaints are three days old, when each gets a status mail.
      () => shop.pass(2),
    );
  });
});

function registration({ twin }: Shop, customerId: string) {
  const at = new Date(twin.now()).toISOString();
  const consent = { marketing: 'opt_in', source: 'test', at };
  return { type: 'Customer Registered', data: { customerId, email: `${customerId}@example.com`, consent } };
}

describe('a deployment whose queues nobody reads, and one of which no rule may write to', () => {
  let shop: Shop;
  let broken: Sabotaged;
  beforeAll(async () => {
    broken = await sabotaged((resources) => {
      removeAll(resources, 'AWS::Lambda::EventSourceMapping');
      closeQueue(resources, 'record-dead');
    });
    shop = await openShop(undefined, { assembly: broken.assembly });
    await shop.wait(HOUR);
  });
  afterAll(async () => {
    await close(shop);
    await broken.remove();
  });

  /** What a function would have announced. */
  async function announce(detailType: string): Promise<void> {
    const bus = new EventBridgeClient(accessTo(shop));
    const Detail = JSON.stringify({ metadata: { id: 'x' }, data: { customerId: 'c' } });
    const entry = { EventBusName: shop.twin.busName, Source: OWN_SOURCE, DetailType: detailType, Detail };
    await bus.send(new PutEventsCommand({ Entries: [entry] }));
    bus.destroy();
  }

  it('record-late, send-late and feedback-late: what waits has waited for long', () =>
    expectAlarms(
      shop,
      ['record-late', 'send-late', 'feedback-late'],
      async () => {
        await shop.register(somebody());
        await announce(ANNOUNCED.messageDue);
        shop.twin.ses.emit('Email Delivered', {
          eventType: 'Delivery',
          mail: { tags: { 'ses:configuration-set': ['perennial-local'] } },
        });
        await shop.wait(4 * MINUTE);
        expect(alarmOf(shop, 'record-late').state).not.toBe('ALARM');
        await shop.wait(13 * MINUTE);
      },
      async () => {
        await purge(shop, 'record', 'send', 'feedback');
        await shop.wait(5 * MINUTE);
      },
    ));

  it('undelivered: a rule may not write to its queue', () =>
    expectAlarms(
      shop,
      ['undelivered'],
      async () => {
        await announce(ANNOUNCED.eventRefused);
        await shop.wait(2 * MINUTE);
      },
      async () => {
        await purge(shop, 'undelivered');
        await shop.wait(2 * MINUTE);
      },
    ));
});

describe('a deployment in which rules may write to no queue, not even the one for what they cannot deliver', () => {
  let shop: Shop;
  let broken: Sabotaged;
  beforeAll(async () => {
    broken = await sabotaged((resources) => {
      closeQueue(resources, 'record');
      closeQueue(resources, 'undelivered');
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === 'AWS::Events::Rule' && Properties['Name'] === named('sweep-every-minute'))
          Properties['State'] = 'DISABLED';
      }
    });
    shop = await openShop(undefined, { assembly: broken.assembly });
    await shop.wait(HOUR);
  });
  afterAll(async () => {
    await close(shop);
    await broken.remove();
  });

  it('events-lost: an event of the shop is nowhere', () =>
    expectAlarms(
      shop,
      ['events-lost'],
      async () => {
        await shop.register(somebody());
        await shop.wait(2 * MINUTE);
      },
      () => shop.wait(10 * MINUTE),
    ));

  it('sweep-silent: somebody switched the rule off', async () => {
    await shop.wait(10 * MINUTE);
    expect(alarmOf(shop, 'sweep-silent').state).toBe('ALARM');
  });
});

describe('a deployment with a broken template, of which a census is taken every night', () => {
  let shop: Shop;
  let broken: Sabotaged;
  const template = () => broken.assetFile('send', 'content', 'templates', 'recovery', 'apology', 'en.json');
  let whole: string;
  beforeAll(async () => {
    broken = await sabotaged();
    whole = await readFile(template(), 'utf8');
    await writeFile(template(), whole.replaceAll('{{', '{% nonsense'));
    shop = await openShop(undefined, { assembly: broken.assembly, nightly: true });
    // Some alarms look back for two hours, and say nothing before.
    await shop.wait(3 * HOUR);
  });
  afterAll(async () => {
    await close(shop);
    await broken.remove();
  });

  /** A day at a time, for the twin keeps no more lines of its log. */
  async function days(count: number): Promise<void> {
    for (let day = 0; day < count; day += 1) await shop.pass(1);
  }

  it('cannot-be-made: a template fails on its customer', async () => {
    let customerId = '';
    await expectAlarms(
      shop,
      ['cannot-be-made'],
      async () => {
        customerId = await complains(shop);
        await shop.wait(2 * MINUTE);
      },
      async () => {
        await writeFile(template(), whole);
        // Deployed: what comes next meets functions that have loaded it.
        plan(shop, once(dies('send')));
        await shop.wait(3 * HOUR);
      },
    );
    expect(shop.mailsTo(customerId)).toEqual(['recovery/apology']);
    await shop.resolve(customerId, 'k');
  });

  it('census-complaints: nobody has answered for more than 14 days', async () => {
    const customerId = await complains(shop);
    await expectAlarms(
      shop,
      ['census-complaints'],
      () => days(16),
      async () => {
        await shop.resolve(customerId, 'k');
        await days(2);
      },
    );
  });

  it('census-discounts: half of the revenue is discounted', async () => {
    const customerId = somebody();
    await shop.register(customerId);
    await expectAlarms(
      shop,
      ['census-discounts'],
      async () => {
        await shop.emit('Purchase Completed', { customerId, orderId: '1', total: 100, currency: 'EUR', discount: 30 });
        await days(2);
      },
      async () => {
        await shop.buy(customerId, '2', 900);
        await days(2);
      },
    );
  });

  it('census-dead: the census is killed each time', () =>
    expectAlarms(
      shop,
      ['census-dead'],
      async () => {
        plan(shop, dies('census'));
        await shop.pass(1);
      },
      async () => {
        plan(shop);
        await purge(shop, 'census-dead');
        await shop.wait(HOUR);
      },
    ));
});

it('slow: the pages take most of their timeout, minute after minute', async () => {
  expect(await slowPages).toBeUndefined();
});

it('every alarm has been brought about, or is listed with a reason why it cannot be', () => {
  for (const reason of Object.values(OUT_OF_REACH)) expect(reason.length).toBeGreaterThan(20);
  expect([...brought, ...Object.keys(OUT_OF_REACH)].toSorted()).toEqual([...deployed].toSorted());
});
