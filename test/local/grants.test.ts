/**
 * Every right that is granted is needed, and is missed when it is gone: what it is for does not happen, and whoever watches
 * the deployment can see so.
 */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultPlan } from '../../infra/local/faults.ts';
import type { Grant } from '../../infra/local/iam.ts';
import { OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { openAttention } from '../../shared/lifecycle/customer/attention.ts';
import { erase } from '../../shared/lifecycle/customer/erasure.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { signedHeaders } from '../support/intake.ts';
import { playbookJson } from '../support/playbooks.ts';
import { linksIn, openShop, send, type Shop } from '../support/shop.ts';

const OFFER = 'best-price';
/** An event that fails is put aside after five tries, each as long as the visibility timeout; alarms look back ten minutes. */
const LONG_ENOUGH = 75 * MINUTE;

let shop: Shop;
let bus: EventBridgeClient;
let secrets: SecretsManagerClient;
let intakeSecret: string;
let serial = 0;

/** The shipped playbook, in which an offer has codes and a budget, so that both are asked for. */
function playbook(): unknown {
  return JSON.parse(JSON.stringify(playbookJson()), (name, value: unknown) =>
    name === OFFER && typeof value === 'object'
      ? { ...value, codes: 'pool', budget: { offers: 1_000, per: '3650 days' } }
      : value,
  );
}

beforeAll(async () => {
  shop = await openShop(undefined, { nightly: true, playbook: playbook() });
  const { endpoint, region } = shop.twin;
  const access = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  bus = new EventBridgeClient(access);
  secrets = new SecretsManagerClient(access);
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: 'perennial-local-intake' }));
  intakeSecret = SecretString;
  for (let code = 0; code < 200; code += 1) await shop.offers.addCode(OFFER, `POOL-${code}`);
  // So many that the two percent who spend most are one or two.
  for (let number = 0; number < 50; number += 1) {
    await shop.put({
      type: 'Purchase Completed',
      data: { customerId: `crowd-${number}`, orderId: `crowd-${number}`, total: 40, currency: 'EUR' },
    });
  }
  await shop.wait(MINUTE);
});

afterAll(async () => {
  shop.twin.faults.plan = undefined;
  bus.destroy();
  secrets.destroy();
  await shop.close();
});

/** Puts an event of the pipeline's own on its bus, as a function would. */
async function announce(detailType: string, data: object): Promise<void> {
  const metadata = {
    id: `own-${serial}-${shop.twin.now()}`,
    version: 1,
    occurredAt: new Date(shop.twin.now()).toISOString(),
  };
  const Detail = JSON.stringify({ metadata, data });
  const Entries = [{ EventBusName: shop.twin.busName, Source: OWN_SOURCE, DetailType: detailType, Detail }];
  await bus.send(new PutEventsCommand({ Entries }));
}

/** Runs something while faults are planned beside those of the test. */
async function during(plan: FaultPlan, work: () => Promise<void>): Promise<void> {
  const before = shop.twin.faults.plan;
  const withholds = (grant: Grant): boolean => before?.withholds?.(grant) === true || plan.withholds?.(grant) === true;
  shop.twin.faults.plan = { ...plan, withholds };
  await work();
  shop.twin.faults.plan = before;
}

const arrivals = (queue: string): number => shop.twin.deadLettered.get(`perennial-local-${queue}`) ?? 0;

const invocations = (name: string): number =>
  shop.twin.monitoring
    .emitted()
    .filter(
      (metric) => metric.name === 'Invocations' && metric.dimensions['FunctionName'] === `perennial-local-${name}`,
    )
    .reduce((sum, metric) => sum + metric.sum, 0);

async function byDay(): Promise<void> {
  const hour = new Date(shop.twin.now()).getUTCHours();
  if (hour < 9 || hour > 15) await shop.waitUntil(10);
}

async function itemsOf(customerId: string): Promise<readonly string[]> {
  const items = (await shop.items()).filter((item) => item['pk']?.S === `CUSTOMER#${customerId}`);
  return items.map((item) => item['sk']?.S ?? '').toSorted();
}

const refusing = (functionName: string, operation: string): FaultPlan => ({
  call: (call) =>
    call.functionName.endsWith(functionName) && call.operation === operation
      ? { kind: 'refused', status: 400, code: 'ValidationException', message: 'refused on purpose' }
      : undefined,
});

/**
 * Things that happen in a shop; each tells whether what should come of it has come. The night stands before those that wait
 * for a morning: what the census needs is missed by the night, and not by them.
 */
const DEEDS: Readonly<Record<string, (customerId: string) => Promise<boolean>>> = {
  'an apology, delivered': async (customerId) => {
    await shop.register(customerId);
    await shop.complain(customerId, customerId);
    await shop.wait(MINUTE);
    const [sent] = Object.keys(await shop.ends(customerId));
    return sent !== undefined && (await shop.entry(customerId, sent))?.delivery?.status === 'delivered';
  },
  'a mail that bounces': async (customerId) => {
    shop.twin.ses.setFate(`${customerId}@example.com`, [{ kind: 'bounce', bounceType: 'Permanent' }]);
    await shop.register(customerId);
    await shop.complain(customerId, customerId);
    await shop.wait(MINUTE);
    await shop.complain(customerId, `${customerId}-again`);
    await shop.wait(MINUTE);
    return Object.values(await shop.ends(customerId)).includes('withheld: hard bounce');
  },
  'an apology by a sender that has just begun': async (customerId) => {
    await shop.register(customerId);
    let died = false;
    const call: FaultPlan['call'] = ({ functionName }) => {
      if (!functionName.endsWith('send') || died) return undefined;
      died = true;
      return { kind: 'dies', effect: 'before' };
    };
    await during({ call }, async () => {
      await shop.complain(customerId, customerId);
      await shop.wait(15 * MINUTE);
    });
    return died && shop.mailsTo(customerId).length > 0;
  },
  'a night in which somebody has become a key account': async (customerId) => {
    await shop.register(customerId);
    for (const order of ['1', '2']) await shop.buy(customerId, `${customerId}-${order}`, 1_000 * 2 ** serial);
    await shop.waitUntil(1);
    await shop.wait(2 * HOUR);
    const profile = await shop.store.load(customerId);
    return profile?.kind === 'living' && openAttention(profile).some(({ reason }) => reason === 'key-account');
  },
  'a reader who unsubscribes': async (customerId) => {
    await byDay();
    await shop.register(customerId);
    await shop.buy(customerId, customerId);
    await shop.wait(30 * MINUTE);
    const { oneClick, preferences } = await linksIn(shop.lastMail(customerId));
    const shown = await fetch(preferences);
    await shown.text();
    const before = JSON.stringify(await shop.store.load(customerId));
    const answered = await send(oneClick, ['List-Unsubscribe', 'One-Click']);
    await answered.text();
    await shop.wait(MINUTE);
    return shown.ok && answered.ok && JSON.stringify(await shop.store.load(customerId)) !== before;
  },
  'an erasure': async (customerId) => {
    await shop.register(customerId);
    await shop.complain(customerId, customerId);
    await shop.emit('Customer Erasure Requested', { customerId, requestId: customerId });
    await shop.wait(5 * MINUTE);
    return String(await itemsOf(customerId)) === 'PROFILE';
  },
  'an erasure while SES takes a mail': async (customerId) => {
    await shop.register(customerId);
    const forget = async (): Promise<void> => {
      const living = await shop.store.load(customerId);
      if (living === undefined) return;
      const now = shop.twin.now();
      const tombstone = erase(living, now, now + DAY, []);
      await shop.store.save({ ...tombstone, version: living.version + 1 }, living.version);
    };
    let held = false;
    const call: FaultPlan['call'] = ({ operation }) => {
      if (operation !== 'SendRawEmail' || held) return undefined;
      held = true;
      return { kind: 'held', until: forget() };
    };
    await during({ call }, async () => {
      await shop.complain(customerId, customerId);
      await shop.wait(MINUTE);
    });
    return held && (await itemsOf(customerId)).every((item) => !item.startsWith('MESSAGE#'));
  },
  'an offer with a code': async (customerId) => {
    await byDay();
    await shop.register(customerId);
    await shop.emit('Coupon Applied', { customerId, coupon: 'FOUND-ELSEWHERE' });
    await shop.wait(2 * HOUR);
    return shop.mailsTo(customerId).includes(`nurture/${OFFER}`);
  },
  'a request to the intake': async (customerId) => {
    const occurredAt = new Date(shop.twin.now()).toISOString();
    const detail = { metadata: { id: customerId, version: 1, occurredAt }, data: { customerId } };
    const body = JSON.stringify({ 'detail-type': 'Login Succeeded', detail });
    const headers = signedHeaders(body, { secret: intakeSecret, at: shop.twin.now() });
    const url = shop.twin.functionUrls.get('perennial-local-ingest') ?? '';
    const answered = await fetch(url, { method: 'POST', headers, body });
    await answered.text();
    await shop.wait(MINUTE);
    return answered.ok && (await itemsOf(customerId)).length > 0;
  },
  'a census that goes on': async () => {
    const before = invocations('census');
    await announce('Census Unfinished', {});
    await shop.wait(MINUTE);
    return invocations('census') > before;
  },
  'a sweep that fails': async (customerId) => {
    await shop.register(customerId);
    // An hour later there is something to announce.
    await shop.emit('Coupon Applied', { customerId, coupon: 'FOUND-ELSEWHERE' });
    const before = arrivals('sweep-dead');
    await during(refusing('sweep', 'Query'), () => shop.wait(DAY));
    return arrivals('sweep-dead') > before;
  },
  'a census that fails': async () => {
    const before = arrivals('census-dead');
    await during(refusing('census', 'BatchGetItem'), () => shop.wait(DAY));
    return arrivals('census-dead') > before;
  },
  'an event that is refused': async (customerId) => {
    const before = arrivals('record-dead');
    await shop.emit('Login Succeeded', { nobody: customerId });
    await shop.wait(MINUTE);
    return arrivals('record-dead') > before;
  },
  'events that cannot be delivered': async (customerId) => {
    await shop.register(customerId);
    // An hour later there is something to announce.
    await shop.emit('Coupon Applied', { customerId, coupon: 'FOUND-ELSEWHERE' });
    const before = arrivals('undelivered');
    const rules = new Set<string>();
    await during({ withholds: isOfTarget }, async () => {
      await shop.emit('Login Succeeded', { customerId });
      for (const [detailType, data] of [
        ['Customer Due', { customerIds: [customerId] }],
        ['Message Due', { customerId, key: 'k' }],
        ['Event Refused', { reason: 'r', field: 'f', expected: 'e', original: '{}' }],
        ['Census Unfinished', {}],
      ] as const)
        await announce(detailType, data);
      const set = shop.twin.mailbox[0]?.configurationSet ?? '';
      shop.twin.ses.emit('Email Sent', { eventType: 'Send', mail: { tags: { 'ses:configuration-set': [set] } } });
      // Until the night, and a few minutes with timers.
      await shop.wait(DAY);
    });
    for (const { queue, body } of shop.twin.deadLetters()) if (queue.endsWith('undelivered')) rules.add(ruleOf(body));
    return arrivals('undelivered') > before && RULES.every(([rule]) => rules.has(rule));
  },
};

/** Whether a rule needs it to reach its target; what cannot go there goes to the queue of what was not delivered. */
function isOfTarget({ where, action }: Grant): boolean {
  if (where.includes('Undelivered')) return false;
  return action === 'lambda:InvokeFunction' || (action === 'sqs:SendMessage' && where.includes('QueuePolicy'));
}

/** What the events of each rule look like, for dead letters tell nothing else here. */
const RULES: readonly (readonly [rule: string, fits: RegExp])[] = [
  ['record-events', /"Login Succeeded"/u],
  ['record-due', /"Customer Due"/u],
  ['record-refused', /"Event Refused"/u],
  ['send-due', /"Message Due"/u],
  ['feedback-reports', /"Email Sent"/u],
  ['sweep-every-minute', /"Scheduled Event".*sweep/u],
  ['census-nightly', /"Scheduled Event".*census/u],
  ['census-unfinished', /"Census Unfinished"/u],
];

function ruleOf(body: string): string {
  return RULES.find(([, fits]) => fits.test(body))?.[0] ?? 'one of the events that the others lead to';
}

async function purge(): Promise<void> {
  for (const { name, deadLetter } of shop.twin.queues()) {
    if (!deadLetter) continue;
    const scope = 'test/20260301/us-east-1/sqs/aws4_request';
    const answer = await fetch(shop.twin.endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.PurgeQueue',
      },
      body: JSON.stringify({ QueueUrl: `${shop.twin.endpoint}/000000000000/${name}` }),
    });
    await answer.text();
  }
}

/** Plays a deed for somebody new. What it throws is a thing that did not happen. */
async function play(name: string): Promise<boolean> {
  serial += 1;
  const played = DEEDS[name]?.(`c-${serial}`);
  return (await played?.catch(() => false)) === true;
}

const inWords = ({ where, statement, action, resource }: Grant): string =>
  `${where} [${statement}] ${action} on ${resource}`;

describe('the rights of the deployment', () => {
  /** The deeds that need a grant, in the order in which they were played. */
  const needing = new Map<Grant, string[]>();

  test('are all needed for something', { timeout: 600_000 }, async () => {
    const failed: string[] = [];
    for (const name of Object.keys(DEEDS)) {
      const seen = new Set<Grant>();
      shop.twin.faults.plan = { withholds: (grant) => seen.add(grant) && false };
      if (!(await play(name))) failed.push(name);
      for (const grant of seen) needing.set(grant, [...(needing.get(grant) ?? []), name]);
      shop.twin.faults.plan = undefined;
      await purge();
      await shop.wait(LONG_ENOUGH);
    }
    expect(failed).toEqual([]);
    expect(shop.twin.grants.filter((grant) => !needing.has(grant)).map(inWords)).toEqual([]);
  });

  test('are all missed, one by one, when they are gone', { timeout: 1_200_000 }, async () => {
    const unmissed: string[] = [];
    for (const [grant, deeds] of needing) if (!(await isMissed(grant, deeds))) unmissed.push(inWords(grant));
    expect(unmissed).toEqual([]);
  });
});

/** Whether something fails, and can be seen to fail, while a grant is gone. */
async function isMissed(grant: Grant, deeds: readonly string[]): Promise<boolean> {
  // A deed may need a grant only at some hours of the day; the next one that needs it is tried then.
  for (const deed of deeds) {
    const began = shop.twin.now();
    const lines = linesOf(grant);
    const kept = contentKept();
    shop.twin.faults.plan = { withholds: (each) => each === grant };
    const worked = await play(deed);
    if (worked) await shop.wait(LONG_ENOUGH);
    const silent = grant.action.startsWith('logs:') && linesOf(grant) === lines;
    const alarmed = shop.twin.monitoring.alarms.some(({ changes }) =>
      changes.some(({ at, state }) => at > began && state === 'ALARM'),
    );
    const keeps = contentKept() > kept;
    shop.twin.faults.plan = undefined;
    await purge();
    await shop.wait(LONG_ENOUGH);
    if (!worked || alarmed || keeps || silent) return true;
  }
  return false;
}

/** What the function whose role has the grant has written; without the right to, it works on unheard. */
function linesOf({ where }: Grant): string {
  const name = /\/(\w+)Function/u.exec(where)?.[1] ?? '';
  const last = shop.twin.logs.findLast(({ functionName }) => functionName === `perennial-local-${name}`);
  return JSON.stringify(last);
}

/** How often a function went on with the release it had: it stands on the dashboard, and is an alarm when it lasts. */
function contentKept(): number {
  const [found] = shop.twin.monitoring.emitted().filter(({ name }) => name === 'ContentKept');
  return found?.sum ?? 0;
}
