import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetAccountSendingEnabledCommand,
  GetSendQuotaCommand,
  SendRawEmailCommand,
  UpdateAccountSendingEnabledCommand,
  UpdateConfigurationSetSendingEnabledCommand,
} from '@aws-sdk/client-ses';
import { z } from 'zod';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DeploymentRefused } from '../../infra/local/errors.ts';
import type { MailOutcome } from '../../infra/local/ses-events.ts';
import type { SesTrouble } from '../../infra/local/ses-trouble.ts';
import { type AssemblyChange, removeDirectory } from './fixture.ts';
import { DAY, MINUTE, type Running, SECOND, start, START } from './running.ts';

const letterTo = (to: string) =>
  new SendRawEmailCommand({
    RawMessage: {
      Data: Buffer.from(
        `From: Shop <hello@shop.example.com>\r\nTo: ${to}\r\nSubject: A\r\n subject\r\nX-Mark: 1\r\n\r\nBody`,
      ),
    },
    Tags: [
      { Name: 'c', Value: 'c1' },
      { Name: 'k', Value: 'key' },
    ],
    ConfigurationSetName: 'mail',
  });

const send = ({ ses }: Running, to = 'jo@example.com') => ses.send(letterTo(to));

const keptEvent = z.object({
  time: z.string(),
  detail: z.looseObject({ eventType: z.string().optional() }),
});

/** The events the feedback function got, in the order of their times. */
async function reported({ items }: Running, customerId = 'c1') {
  const found = Object.entries(await items(customerId)).filter(([key]) => key.startsWith('SES#'));
  return found.map(([, { json }]) => keptEvent.loose().parse(JSON.parse(String(json))));
}

const kindsOf = async (running: Running) => (await reported(running)).map(({ detail }) => detail.eventType);

/** Sort keys of all that twelve customers' mails led to. */
async function keysOfReports(): Promise<readonly string[][]> {
  const running = await start();
  for (let n = 0; n < 12; n += 1) await running.put('Announce', { customerId: `c${n}` });
  await running.twin.advanceTo(START + MINUTE);
  const all = Array.from({ length: 12 }, (_none, n) => running.items(`c${n}`));
  return (await Promise.all(all)).map((items) => Object.keys(items));
}

describe('what SES reports', () => {
  test('a mail that was accepted and delivered, as the events stand on the default bus', async () => {
    const running = await start();
    const { MessageId = '' } = await send(running);
    await running.twin.advanceTo(START + MINUTE);
    const [sent, delivered, ...more] = await reported(running);
    expect(more).toEqual([]);
    const mail = {
      timestamp: '2026-03-01T12:00:00.000Z',
      source: 'hello@shop.example.com',
      sourceArn: 'arn:aws:ses:us-east-1:000000000000:identity/shop.example.com',
      sendingAccountId: '000000000000',
      messageId: MessageId,
      destination: ['jo@example.com'],
      headersTruncated: false,
      headers: [
        { name: 'From', value: 'Shop <hello@shop.example.com>' },
        { name: 'To', value: 'jo@example.com' },
        { name: 'Subject', value: 'A subject' },
        { name: 'X-Mark', value: '1' },
        { name: 'Message-ID', value: `<${MessageId}@email.amazonses.com>` },
        { name: 'Date', value: 'Sun, 01 Mar 2026 12:00:00 +0000' },
      ],
      commonHeaders: {
        from: ['Shop <hello@shop.example.com>'],
        date: 'Sun, 01 Mar 2026 12:00:00 +0000',
        to: ['jo@example.com'],
        messageId: MessageId,
        subject: 'A subject',
      },
      tags: {
        c: ['c1'],
        k: ['key'],
        'ses:configuration-set': ['mail'],
        'ses:operation': ['SendRawEmail'],
        'ses:source-ip': ['127.0.0.1'],
        'ses:from-domain': ['shop.example.com'],
        'ses:caller-identity': ['root'],
      },
    };
    expect(sent).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Email Sent',
      source: 'aws.ses',
      account: '000000000000',
      time: '2026-03-01T12:00:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:ses:us-east-1:000000000000:configuration-set/mail'],
      detail: { eventType: 'Send', send: {}, mail },
    });
    expect(delivered).toMatchObject({
      'detail-type': 'Email Delivered',
      detail: {
        eventType: 'Delivery',
        mail,
        delivery: { recipients: ['jo@example.com'], smtpResponse: '250 2.0.0 OK' },
      },
    });
    const { delivery } = z
      .object({ delivery: z.object({ timestamp: z.string(), processingTimeMillis: z.number() }) })
      .parse(delivered?.detail);
    expect(Date.parse(delivery.timestamp)).toBe(START + delivery.processingTimeMillis);
    expect(delivery.processingTimeMillis).toBeGreaterThanOrEqual(SECOND);
  });

  test('the send is reported at once, and the role that sent is named', async () => {
    const running = await start();
    await running.put('Mail', { customerId: 'c1', to: 'jo@example.com' });
    await running.twin.advanceTo(START);
    const [sent, ...more] = await reported(running);
    expect(more).toEqual([]);
    expect(sent?.detail).toHaveProperty(['mail', 'tags', 'ses:caller-identity'], ['Pipeline-recordRole']);
  });

  const permanent = { bounceType: 'Permanent', bounceSubType: 'General' };
  test.each([
    ['success', ['Send', 'Delivery'], {}],
    ['ooto', ['Send', 'Delivery'], {}],
    ['bounce', ['Send', 'Bounce'], { bounce: permanent }],
    ['bounce+label', ['Send', 'Bounce'], { bounce: permanent }],
    ['suppressionlist', ['Send', 'Bounce'], { bounce: { bounceType: 'Permanent', bounceSubType: 'Suppressed' } }],
    ['complaint', ['Send', 'Delivery', 'Complaint'], { complaint: { complaintFeedbackType: 'abuse' } }],
    ['stranger', ['Send', 'Delivery'], {}],
  ])('mail to %s@simulator.amazonses.com: %s', async (name, kinds, last) => {
    const running = await start();
    const address = `${name}@simulator.amazonses.com`;
    await send(running, address);
    await running.twin.advanceTo(START + MINUTE);
    expect(await kindsOf(running)).toEqual(kinds);
    const detail = (await reported(running)).at(-1)?.detail;
    expect(detail).toMatchObject(last);
    expect(JSON.stringify(detail)).toContain(address);
  });

  test('an address can be given a fate of its own, and its natural one back', async () => {
    const running = await start();
    const { twin } = running;
    twin.ses.setFate('Jo@Example.com', [
      { kind: 'deliveryDelay' },
      { kind: 'bounce', bounceType: 'Transient', bounceSubType: 'MailboxFull' },
    ]);
    await send(running);
    await twin.advanceTo(START + MINUTE);
    expect(await kindsOf(running)).toEqual(['Send', 'DeliveryDelay', 'Bounce']);
    expect((await reported(running)).at(-1)?.detail).toMatchObject({
      bounce: { bounceType: 'Transient', bounceSubType: 'MailboxFull', bouncedRecipients: [{ status: '4.4.7' }] },
    });
    twin.ses.setFate('jo@example.com', undefined);
    await send(running);
    await twin.advanceTo(START + 2 * MINUTE);
    expect(await kindsOf(running)).toEqual(['Send', 'DeliveryDelay', 'Bounce', 'Send', 'Delivery']);
  });

  test.each<[MailOutcome, string, string]>([
    [{ kind: 'send' }, 'Email Sent', 'send'],
    [{ kind: 'delivery' }, 'Email Delivered', 'delivery'],
    [{ kind: 'deliveryDelay' }, 'Email Delivery Delayed', 'deliveryDelay'],
    [{ kind: 'bounce', bounceType: 'Undetermined' }, 'Email Bounced', 'bounce'],
    [{ kind: 'complaint' }, 'Email Complaint Received', 'complaint'],
    [{ kind: 'reject' }, 'Email Rejected', 'reject'],
    [{ kind: 'renderingFailure' }, 'Email Rendering Failed', 'failure'],
    [{ kind: 'click', link: 'https://shop.example.com/' }, 'Email Clicked', 'click'],
    [{ kind: 'subscription' }, 'Email Subscribed', 'subscription'],
  ])('%o can be reported again, late and out of order', async (outcome, detailType, part) => {
    const running = await start();
    const { MessageId = '' } = await send(running);
    await running.twin.advanceTo(START + MINUTE);
    for (let n = 0; n < 2; n += 1) expect(running.twin.ses.report(MessageId, outcome)).toMatch(/^[0-9a-f-]{36}$/);
    await running.twin.advanceTo(START + MINUTE);
    const again = (await reported(running)).slice(2);
    expect(again).toHaveLength(2);
    for (const event of again) {
      expect(event).toMatchObject({ 'detail-type': detailType, detail: { mail: { messageId: MessageId } } });
      expect(event.detail).toHaveProperty(part);
    }
  });

  test('what the configuration set does not subscribe to, and mail without one, is not reported', async () => {
    const running = await start();
    const { MessageId = '' } = await send(running);
    expect(running.twin.ses.report(MessageId, { kind: 'open' })).toBeUndefined();
    expect(() => running.twin.ses.report('nobody', { kind: 'open' })).toThrow(RangeError);
    await running.ses.send(
      new SendRawEmailCommand({ ...letterTo('jo@example.com').input, ConfigurationSetName: undefined }),
    );
    await running.twin.advanceTo(START + MINUTE);
    expect(running.twin.mailbox).toHaveLength(2);
    expect(await kindsOf(running)).toEqual(['Send', 'Delivery']);
  });

  test('any event can be put on the bus, also about mail nobody sent; the rule takes those of its set', async () => {
    const running = await start();
    const mail = { messageId: 'unknown', tags: { 'ses:configuration-set': ['mail'] } };
    running.twin.ses.emit('Email Bounced', { eventType: 'Bounce', mail });
    running.twin.ses.emit('Email Bounced', { eventType: 'Bounce', mail: { ...mail, tags: {} } });
    await running.twin.advanceTo(START);
    expect(await reported(running, 'unknown')).toMatchObject([{ source: 'aws.ses', detail: { mail } }]);
  });

  test('two runs with one seed report the same, in the same order', async () => {
    const first = await keysOfReports();
    expect(first.flat()).toHaveLength(24);
    expect(await keysOfReports()).toEqual(first);
  });

  test('live, reports come by themselves', async () => {
    const running = await start({ clock: { mode: 'real' } });
    await send(running);
    await expect.poll(() => kindsOf(running), { timeout: 30 * SECOND }).toEqual(['Send', 'Delivery']);
  });

  test('what was still to be reported is reported after a restart', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'twin-ses-'));
    onTestFinished(() => removeDirectory(dataDirectory));
    const before = await start({ dataDirectory });
    await send(before, 'complaint@simulator.amazonses.com');
    await before.twin.advanceTo(START + 5 * SECOND);
    expect(await kindsOf(before)).toEqual(['Send', 'Delivery']);
    await before.twin.close();
    const after = await start({ dataDirectory });
    await after.twin.advanceTo(START + MINUTE);
    expect(await kindsOf(after)).toEqual(['Send', 'Delivery', 'Complaint']);
  });
});

describe('trouble', () => {
  test.each<[SesTrouble, string, string]>([
    ['throttled', 'Throttling', 'Maximum sending rate exceeded.'],
    ['daily quota', 'Throttling', 'Daily message quota exceeded.'],
    ['account paused', 'AccountSendingPausedException', 'disabled for the account'],
    ['account under review', 'MessageRejected', 'Sending paused for this account'],
    ['configuration set paused', 'ConfigurationSetSendingPausedException', '<mail>'],
    ['rejected', 'MessageRejected', 'not accepted'],
    ['error before accepting', 'InternalFailure', 'before'],
  ])('%s: nothing is accepted, and the client sees %s', async (trouble, name, message) => {
    const running = await start();
    running.twin.ses.fail(trouble);
    await expect(send(running)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    await running.twin.advanceTo(START + MINUTE);
    expect(running.twin.mailbox).toEqual([]);
    expect(await reported(running)).toEqual([]);
    running.twin.ses.recover(trouble);
    await send(running);
    expect(running.twin.mailbox).toHaveLength(1);
  });

  test.each<[SesTrouble, string]>([
    ['error after accepting', 'after it accepted'],
    ['reset after accepting', 'socket hang up'],
  ])('%s: the mail goes out and is reported although the client saw an error', async (trouble, message) => {
    const running = await start();
    running.twin.ses.fail(trouble);
    await expect(send(running)).rejects.toThrow(message);
    await running.twin.advanceTo(START + MINUTE);
    expect(running.twin.mailbox).toHaveLength(1);
    expect(await kindsOf(running)).toEqual(['Send', 'Delivery']);
  });

  test.each<[SesTrouble, number]>([
    ['hang before accepting', 0],
    ['hang after accepting', 1],
  ])('%s: no answer comes, and %d mails were accepted', async (trouble, accepted) => {
    const running = await start();
    running.twin.ses.fail(trouble, { calls: 1, to: 'slow@example.com' });
    const abort = new AbortController();
    const hanging = running.ses.send(letterTo('slow@example.com'), { abortSignal: abort.signal });
    let answered = false;
    const settled = hanging.then(
      () => (answered = true),
      () => undefined,
    );
    while (running.twin.ses.troubles.length > 0) await running.ses.send(new GetSendQuotaCommand({}));
    // Calls that came later are answered, this one is not.
    await send(running);
    expect(answered).toBe(false);
    abort.abort();
    await settled;
    expect(answered).toBe(false);
    expect(running.twin.mailbox).toHaveLength(accepted + 1);
  });

  test('trouble meets so many calls, or calls to one address, the oldest first', async () => {
    const running = await start();
    const { ses } = running.twin;
    ses.fail('rejected', { to: 'Jo@example.com' });
    ses.fail('throttled', { calls: 2 });
    expect(ses.troubles).toEqual([
      { trouble: 'rejected', to: 'jo@example.com', callsLeft: undefined },
      { trouble: 'throttled', to: undefined, callsLeft: 2 },
    ]);
    await expect(send(running)).rejects.toMatchObject({ name: 'MessageRejected' });
    for (let n = 0; n < 2; n += 1)
      await expect(send(running, 'al@example.com')).rejects.toMatchObject({ name: 'Throttling' });
    await send(running, 'al@example.com');
    ses.recover();
    await send(running);
    expect(running.twin.mailbox).toHaveLength(2);
  });
});

describe('switches and quota', () => {
  test('the account and a configuration set are paused and resumed by their own operations, and stay so', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'twin-ses-'));
    onTestFinished(() => removeDirectory(dataDirectory));
    const first = await start({ dataDirectory });
    await first.ses.send(new UpdateAccountSendingEnabledCommand({ Enabled: false }));
    const set = { ConfigurationSetName: 'mail' };
    await first.ses.send(new UpdateConfigurationSetSendingEnabledCommand({ ...set, Enabled: false }));
    await first.twin.close();

    const running = await start({ dataDirectory });
    const { ses } = running;
    expect((await ses.send(new GetAccountSendingEnabledCommand({}))).Enabled).toBe(false);
    await expect(send(running)).rejects.toMatchObject({ name: 'AccountSendingPausedException' });
    await ses.send(new UpdateAccountSendingEnabledCommand({ Enabled: true }));
    await expect(send(running)).rejects.toMatchObject({ name: 'ConfigurationSetSendingPausedException' });
    await ses.send(new UpdateConfigurationSetSendingEnabledCommand({ ...set, Enabled: true }));
    await send(running);
    expect(running.twin.mailbox).toHaveLength(1);
    const stranger = new UpdateConfigurationSetSendingEnabledCommand({ ConfigurationSetName: 'nope', Enabled: true });
    await expect(ses.send(stranger)).rejects.toMatchObject({ name: 'ConfigurationSetDoesNotExistException' });
  });

  test('the daily quota holds over any 24 hours, and what was sent in them is answered truly', async () => {
    const running = await start();
    const { twin, ses } = running;
    twin.ses.setQuota({ max24HourSend: 2, maxSendRate: 14 });
    await send(running);
    await twin.advanceTo(START + MINUTE);
    await send(running);
    const quota = async () => {
      const { Max24HourSend, MaxSendRate, SentLast24Hours } = await ses.send(new GetSendQuotaCommand({}));
      return [Max24HourSend, MaxSendRate, SentLast24Hours];
    };
    expect(await quota()).toEqual([2, 14, 2]);
    const refused = { name: 'Throttling', message: 'Daily message quota exceeded.' };
    await expect(send(running)).rejects.toMatchObject(refused);
    await twin.advanceTo(START + DAY - 1);
    await expect(send(running)).rejects.toMatchObject(refused);
    await twin.advanceTo(START + DAY);
    await send(running);
    expect(await quota()).toEqual([2, 14, 2]);
    await twin.advanceTo(START + 2 * DAY + MINUTE);
    expect(await quota()).toEqual([2, 14, 0]);
  });

  test('the rate is enforced only when asked', async () => {
    const running = await start();
    running.twin.ses.setQuota({ maxSendRate: 1 });
    for (let n = 0; n < 2; n += 1) await send(running);
    running.twin.ses.setQuota({ enforceRate: true });
    await expect(send(running)).rejects.toMatchObject({ message: 'Maximum sending rate exceeded.' });
    await running.twin.advanceTo(START + SECOND);
    await send(running);
    expect(running.twin.mailbox).toHaveLength(3);
  });
});

test.each<[string, AssemblyChange]>([
  [
    'another bus than the default one',
    (resources) => {
      const EventBusArn = 'arn:aws:events:us-east-1:000000000000:event-bus/customers';
      resources['Reports'] = reports({ EventBridgeDestination: { EventBusArn } });
    },
  ],
  [
    'a destination that is not emulated',
    (resources) => {
      resources['Reports'] = reports({ SnsDestination: { TopicARN: 'arn:aws:sns:us-east-1:000000000000:topic' } });
    },
  ],
])('%s as the destination of reports is refused by name', async (_name, change) => {
  const refused = start({}, change);
  await expect(refused).rejects.toBeInstanceOf(DeploymentRefused);
  await expect(refused).rejects.toThrow('Pipeline/Reports');
});

function reports(destination: Record<string, Record<string, string>>) {
  const EventDestination = { Enabled: true, MatchingEventTypes: ['send'], ...destination };
  return {
    Type: 'AWS::SES::ConfigurationSetEventDestination',
    Properties: { ConfigurationSetName: 'mail', EventDestination },
  };
}
