/** The mailer against a server that fails in every way SES and the network do: one request, and the right meaning. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import type { ServerResponse } from 'node:http';
import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type OutgoingMail, type SendOutcome, SesMailer } from '../../shared/adapters/mailer.ts';
import { SES_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import { openWire, TEST_CREDENTIALS, TEST_REGION, type Wire } from './wire.ts';

/** Instead of ten seconds: a server that hangs is noticed after this. */
const SHORT_TIMEOUT_SECONDS = 0.3;

const MAIL: OutgoingMail = {
  from: 'Tea & Co <hello@shop.example.com>',
  to: 'anna@example.com',
  raw: Buffer.from(
    'From: hello@shop.example.com\r\nTo: anna@example.com\r\nSubject: =?utf-8?Q?T=C3=A9?=\r\n\r\nHello\r\n',
  ),
  tags: { c: 'Yy0x', k: 'MS9vbmJvYXJkaW5n', n: '1' },
};

let wire: Wire | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  await wire?.close();
});

/** A server that answers in the given way, in the place of SES. */
async function openSes(answer: (response: ServerResponse) => void): Promise<Wire> {
  const opened = await openWire((_request, response) => answer(response));
  wire = opened;
  vi.stubEnv('AWS_ENDPOINT_URL_SES', opened.endpoint);
  vi.stubEnv('AWS_REGION', TEST_REGION);
  vi.stubEnv('AWS_ACCESS_KEY_ID', TEST_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', TEST_CREDENTIALS.secretAccessKey);
  return opened;
}

/** Sends one mail to a server that answers in the given way. */
async function send(
  answer: (response: ServerResponse) => void,
  timeoutSeconds = SES_TIMEOUT_SECONDS,
): Promise<{ readonly outcome: SendOutcome; readonly requests: readonly URLSearchParams[] }> {
  const opened = await openSes(answer);
  const outcome = await new SesMailer('perennial-test', timeoutSeconds).send(MAIL);
  return { outcome, requests: opened.received.map(({ body }) => new URLSearchParams(body)) };
}

function accept(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>' +
      '<MessageId>0100-abc</MessageId></SendRawEmailResult></SendRawEmailResponse>',
  );
}

function refuse(code: string, message: string, status = 400) {
  return (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}` +
        `</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
    );
  };
}

describe('a mail SES takes', () => {
  it('is accepted with the message id, and carries address, tags and configuration set as parameters', async () => {
    const { outcome, requests } = await send(accept);

    expect(outcome).toEqual({ kind: 'accepted', messageId: '0100-abc' });
    expect(requests).toHaveLength(1);
    const parameters = Object.fromEntries(requests[0] ?? []);
    expect(parameters).toMatchObject({
      Action: 'SendRawEmail',
      Source: MAIL.from,
      'Destinations.member.1': 'anna@example.com',
      ConfigurationSetName: 'perennial-test',
      'Tags.member.1.Name': 'c',
      'Tags.member.1.Value': 'Yy0x',
      'Tags.member.2.Name': 'k',
      'Tags.member.2.Value': 'MS9vbmJvYXJkaW5n',
      'Tags.member.3.Name': 'n',
      'Tags.member.3.Value': '1',
    });
    const raw = Buffer.from(parameters['RawMessage.Data'] ?? '', 'base64');
    expect(raw.equals(MAIL.raw)).toBe(true);
    expect((await simpleParser(raw)).subject).toBe('Té');
  });
});

describe('a mail that is welcome later', () => {
  it.each<readonly [code: string, message: string, why: string]>([
    ['Throttling', 'Maximum sending rate exceeded.', 'rate'],
    ['ThrottlingException', 'Maximum sending rate exceeded.', 'rate'],
    ['Throttling', 'Daily message quota exceeded.', 'quota'],
    ['ThrottlingException', 'Daily message quota exceeded.', 'quota'],
    ['AccountSendingPausedException', 'Sending is paused for this account.', 'paused'],
    ['ConfigurationSetSendingPausedException', 'Sending is paused for configuration set perennial-test.', 'paused'],
    ['MailFromDomainNotVerifiedException', 'The MAIL FROM domain is not verified.', 'misconfigured'],
    ['ConfigurationSetDoesNotExist', 'Configuration set perennial-test does not exist.', 'misconfigured'],
    ['AccessDenied', 'User is not authorized to perform ses:SendRawEmail.', 'misconfigured'],
    [
      'AccessDeniedException',
      "... is not authorized to perform `ses:SendRawEmail' on resource `arn:aws:ses:eu-north-1:1:identity/shop.example.com'",
      'misconfigured',
    ],
    ['AccessDenied', "... on resource `arn:aws:ses:eu-north-1:1:identity/hello@shop.example.com'", 'misconfigured'],
    ['AccessDenied', "... on resource `arn:aws:ses:eu-north-1:1:configuration-set/perennial-test'", 'misconfigured'],
    ...[
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidClientTokenId',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
      'IncompleteSignature',
      'MissingAuthenticationToken',
      'OptInRequired',
    ].map((code) => [code, 'The security token included in the request is not right', 'misconfigured'] as const),
  ])('%s, "%s": %s', async (code, message, why) => {
    const { outcome, requests } = await send(refuse(code, message));

    expect(outcome).toMatchObject({ kind: 'not now', why });
    expect(requests).toHaveLength(1);
  });
});

describe('a mail SES refuses for good', () => {
  it.each([
    ['MessageRejected', 'Email address is not verified.'],
    ['InvalidParameterValue', 'Local address contains control or whitespace'],
    ['ValidationError', "Value at 'tags.3.member.value' failed to satisfy constraint"],
    // A colleague's address that is verified in the account.
    ['AccessDenied', "... on resource `arn:aws:ses:eu-north-1:1:identity/tester@shop.example.com'"],
    ['AccessDenied', "... on resource `arn:aws:ses:eu-north-1:1:identity/example.org'"],
    ['SomethingNew', 'Nobody has seen this before'],
  ])('%s is recorded under its own name', async (code, message) => {
    const { outcome, requests } = await send(refuse(code, message));

    expect(outcome).toMatchObject({ kind: 'rejected', code });
    expect(requests).toHaveLength(1);
  });
});

describe('a rejection that is about us, and not about the message', () => {
  it.each([
    ['paused', 'Sending paused for this account. For more information, please check the inbox of the account.'],
    [
      'misconfigured',
      'Email address is not verified. The following identities failed the check in region EU-NORTH-1: Tea &amp; Co &lt;hello@shop.example.com&gt;',
    ],
  ] as const)('leaves the mail for later: %s', async (why, message) => {
    const { outcome } = await send(refuse('MessageRejected', message));
    expect(outcome).toMatchObject({ kind: 'not now', why });
  });
});

describe('a mail nobody knows the outcome of', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['500 with an error of SES', refuse('InternalFailure', 'We are sorry', 500)],
    ['503 with an error of SES', refuse('ServiceUnavailable', 'Slow down', 503)],
    [
      '503 of something in between, no XML',
      (response) => {
        response.writeHead(503, { 'content-type': 'text/html' });
        response.end('<html><body>503 Service Unavailable</body>');
      },
    ],
    ['a connection reset after the request was taken', (response) => response.socket?.resetAndDestroy()],
    [
      'an answer that breaks off',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/xml', 'content-length': 1000 });
        response.write('<SendRawEmailResponse>', () => response.socket?.resetAndDestroy());
      },
    ],
    [
      'an answer that cannot be read',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/xml' });
        response.end('<SendRawEmailResp');
      },
    ],
  ])('%s', async (_what, answer) => {
    const { outcome, requests } = await send(answer);

    expect(outcome).toMatchObject({ kind: 'unknown', cause: expect.any(Error) });
    expect(requests).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['no answer within the limit', () => undefined],
    [
      'an answer that begins within the limit and never ends',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/xml', 'content-length': 1000 });
        response.write('<SendRawEmailResponse>');
      },
    ],
  ])('%s', async (_what, answer) => {
    const { outcome, requests } = await send(answer, SHORT_TIMEOUT_SECONDS);

    expect(outcome).toMatchObject({ kind: 'unknown', cause: expect.any(Error) });
    expect(requests).toHaveLength(1);
  });
});

describe('a mail SES was never asked to take', () => {
  const unreachable = { kind: 'not now', why: 'unreachable' };

  it('for nobody listens', async () => {
    const closed = await openSes(() => undefined);
    await closed.close();
    expect(await new SesMailer('perennial-test').send(MAIL)).toMatchObject(unreachable);
  });

  it('for its name is not known', async () => {
    await openSes(() => undefined);
    vi.stubEnv('AWS_ENDPOINT_URL_SES', 'http://ses.invalid');
    expect(await new SesMailer('perennial-test').send(MAIL)).toMatchObject(unreachable);
  });

  it('for there are no credentials', async () => {
    const { received } = await openSes(accept);
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    expect(await new SesMailer('perennial-test').send(MAIL)).toMatchObject(unreachable);
    expect(received).toEqual([]);
  });

  it('for no connection came about in time', async () => {
    await openSes(accept);
    // A network of documentation: nobody answers there, if a packet gets there at all.
    vi.stubEnv('AWS_ENDPOINT_URL_SES', 'http://192.0.2.1');
    expect(await new SesMailer('perennial-test', SHORT_TIMEOUT_SECONDS).send(MAIL)).toMatchObject(unreachable);
  });
});

describe('the quota', () => {
  const quotaOf = async (perDay: number, perSecond: number) => {
    const { received } = await openSes((response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end(
        '<GetSendQuotaResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><GetSendQuotaResult>' +
          `<Max24HourSend>${perDay}</Max24HourSend><MaxSendRate>${perSecond}</MaxSendRate>` +
          '<SentLast24Hours>7.0</SentLast24Hours></GetSendQuotaResult></GetSendQuotaResponse>',
      );
    });
    const quota = await new SesMailer('perennial-test').quota();
    expect(received.map(({ body }) => new URLSearchParams(body).get('Action'))).toEqual(['GetSendQuota']);
    return quota;
  };

  it('is what SES says of the account', async () => {
    expect(await quotaOf(50_000, 14)).toEqual({ perDay: 50_000, perSecond: 14 });
  });

  it('-1 means that there is no limit', async () => {
    expect(await quotaOf(-1, -1)).toEqual({ perDay: Infinity, perSecond: Infinity });
  });

  it('that SES does not say is a fault, for the caller to try again', async () => {
    await openSes(refuse('Throttling', 'Rate exceeded'));
    await expect(new SesMailer('perennial-test').quota()).rejects.toThrow('Rate exceeded');
  });
});
