/** What the doctor makes of answers: of an account, of the DNS and of settings. */
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { doctorCommand } from '../../infra/commands/doctor.ts';
import { type DeploymentConfig, parseConfig } from '../../infra/config.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { checkAccount } from '../../infra/doctor/account-checks.ts';
import { type AccountAnswers, askAccount } from '../../infra/doctor/account.ts';
import { checkClashes, checkConfig, checkShop } from '../../infra/doctor/config-checks.ts';
import { checkDns, linesToAdd, type LookUp } from '../../infra/doctor/dns-checks.ts';
import { recordsFor, zoneLine } from '../../infra/doctor/dns-records.ts';
import { type Answer, type Finding, isInOrder, told } from '../../infra/doctor/finding.ts';
import { withoutAccount } from '../../infra/doctor/no-answer.ts';
import { regionFault } from '../../infra/doctor/region.ts';
import { scratchDirectory } from './templates.ts';

const settings = {
  stage: 'prod',
  sender: { name: 'Shop', address: 'hello@mail.shop.test' },
  replyTo: 'help@shop.test',
  alarms: { address: 'ops@shop.test' },
};
const config = parseConfig(settings);
const configured = (more: object): DeploymentConfig => parseConfig({ ...settings, ...more });

const tell = <T>(value: T): Answer<T> => ({ kind: 'told', value });

const healthy: AccountAnswers = {
  region: 'eu-north-1',
  caller: { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/ops' },
  bootstrap: tell({ status: 'CREATE_COMPLETE', outputs: { BootstrapVersion: '28' } }),
  ses: tell({
    production: true,
    sendingEnabled: true,
    enforcement: 'HEALTHY',
    perDay: 50_000,
    perSecond: 14,
    sentToday: 100,
    suppresses: ['BOUNCE', 'COMPLAINT'],
  }),
  identity: tell({
    verified: true,
    dkim: { tokens: ['one', 'two', 'three'], status: 'SUCCESS', signing: true },
    mailFrom: { domain: 'bounces.mail.shop.test', status: 'SUCCESS' },
  }),
  configurationSet: tell({
    sendingEnabled: true,
    reportsToBus: ['SEND', 'DELIVERY', 'BOUNCE', 'COMPLAINT', 'REJECT'],
  }),
  stacks: tell({
    data: { status: 'UPDATE_COMPLETE', outputs: {} },
    pipeline: { status: 'CREATE_COMPLETE', outputs: {} },
  }),
  subscriptions: tell({ confirmed: 1, pending: 0 }),
  concurrency: tell(1000),
};

/** The same account, with one answer changed. */
function but(name: keyof AccountAnswers, change: object | undefined): AccountAnswers {
  const answer = healthy[name];
  const before = typeof answer === 'object' && 'kind' in answer && answer.kind === 'told' ? answer.value : {};
  const value = change === undefined ? undefined : { ...(typeof before === 'object' ? before : {}), ...change };
  return { ...healthy, [name]: tell(value) };
}

const amiss = (findings: readonly Finding[]) =>
  findings.filter(({ verdict }) => verdict !== 'ok').map(({ verdict, about }) => `${verdict} ${about}`);

describe('of an account', () => {
  it('nothing is amiss where all is well', () => {
    expect(amiss(checkAccount(config, healthy))).toEqual([]);
  });

  it.each<[string, AccountAnswers, expected: string[]]>([
    ['no bootstrap', but('bootstrap', undefined), ['problem bootstrap']],
    ['an old bootstrap', but('bootstrap', { outputs: { BootstrapVersion: '5' } }), ['problem bootstrap']],
    ['the sandbox', but('ses', { production: false }), ['warning sandbox']],
    ['a review', but('ses', { enforcement: 'PROBATION' }), ['warning reputation']],
    ['sending switched off', but('ses', { sendingEnabled: false }), ['problem reputation']],
    ['a quota that is nearly used', but('ses', { sentToday: 40_000 }), ['warning quota']],
    ['no list of its own', but('ses', { suppresses: ['BOUNCE'] }), ['warning suppression']],
    ['an identity that is not verified', but('identity', { verified: false }), ['problem identity']],
    [
      'mail that is not signed',
      but('identity', { dkim: { tokens: [], status: 'PENDING', signing: true } }),
      ['problem DKIM'],
    ],
    [
      'bounces on their way to us',
      but('identity', { mailFrom: { domain: 'b.shop.test', status: 'PENDING' } }),
      ['warning MAIL FROM'],
    ],
    ['a set that may not send', but('configurationSet', { sendingEnabled: false }), ['problem configuration set']],
    ['a set that is gone', but('configurationSet', undefined), ['problem configuration set']],
    [
      'bounces nobody reports',
      but('configurationSet', { reportsToBus: ['SEND', 'DELIVERY', 'COMPLAINT', 'REJECT'] }),
      ['problem configuration set'],
    ],
    [
      'deliveries nobody reports',
      but('configurationSet', { reportsToBus: ['SEND', 'BOUNCE', 'COMPLAINT', 'REJECT'] }),
      ['warning configuration set'],
    ],
    [
      'a deployment that failed',
      but('stacks', { pipeline: { status: 'UPDATE_ROLLBACK_COMPLETE', outputs: {} } }),
      ['warning stacks'],
    ],
    [
      'a deployment that is stuck',
      but('stacks', { pipeline: { status: 'UPDATE_ROLLBACK_FAILED', outputs: {} } }),
      ['problem stacks'],
    ],
    ['alarms nobody has confirmed', but('subscriptions', { confirmed: 0, pending: 1 }), ['problem alarms']],
    ['alarms nobody hears', but('subscriptions', { confirmed: 0, pending: 0 }), ['problem alarms']],
    ['ten invocations at once', { ...healthy, concurrency: tell(10) }, ['warning concurrency']],
    [
      'a question that is forbidden',
      { ...healthy, ses: { kind: 'silent', why: 'AccessDenied' } },
      ['unknown SES account'],
    ],
  ])('%s is told, and what to do', (_what, answers, expected) => {
    const findings = checkAccount(config, answers);

    expect(amiss(findings)).toEqual(expected);
    for (const { verdict, fix } of findings) expect(fix === undefined).toBe(verdict === 'ok');
    expect(isInOrder(findings)).toBe(expected.every((each) => each.startsWith('warning')));
  });

  it.each<[string, DeploymentConfig, AccountAnswers, expected: string[]]>([
    ['the sandbox, but live', configured({ sending: 'live' }), but('ses', { production: false }), ['problem sandbox']],
    ['another account', configured({ account: '999999999999' }), healthy, ['problem account']],
    [
      'an identity that is not ours, and not there',
      configured({ existing: ['identity'] }),
      but('identity', undefined),
      ['problem identity'],
    ],
    [
      'more set apart than there is',
      configured({ pagesConcurrency: 20 }),
      { ...healthy, concurrency: tell(100) },
      ['problem concurrency'],
    ],
    ['nobody to be called', configured({ alarms: {} }), but('subscriptions', undefined), []],
  ])('%s depends on the settings', (_what, settingsOf, answers, expected) => {
    expect(amiss(checkAccount(settingsOf, answers))).toEqual(expected);
  });

  it('before the first deployment an identity is in the way that the stack is to make', () => {
    const none = { ...but('stacks', { data: undefined, pipeline: undefined }), subscriptions: tell(undefined) };

    expect(amiss(checkAccount(config, none))).toEqual([
      'warning stacks',
      'warning stacks',
      'problem identity',
      'warning alarms',
    ]);
    expect(amiss(checkAccount(configured({ existing: ['identity'] }), none))).not.toContain('problem identity');
  });
});

it('of stacks that nobody may read nothing is concluded, but which right is missing', () => {
  const silent = { kind: 'silent', why: 'AccessDenied' } as const;
  const findings = checkAccount(config, { ...healthy, stacks: silent, subscriptions: silent });

  expect(amiss(findings)).toEqual(['unknown stacks', 'unknown alarms']);
  for (const { fix } of findings.filter(({ verdict }) => verdict === 'unknown')) {
    expect(fix).toContain('cloudformation:DescribeStacks');
  }
});

describe('a region', () => {
  it.each(['eu-north-1', 'us-gov-west-1', 'cn-north-1'])('%s is one', (region) => {
    expect(regionFault(config, region)).toBeUndefined();
  });

  it('that is none is told with the one that is meant, and where it stands', async () => {
    expect(regionFault(config, 'eu-nort-1')).toMatch(/^AWS_REGION.* names eu-nort-1,.* did you mean eu-north-1\?$/u);
    expect(regionFault(configured({ region: 'eu-nort-1' }), 'eu-nort-1')).toMatch(/^prod\.region in /u);
  });

  it('that is none gets no records', async () => {
    vi.stubEnv('AWS_REGION', 'eu-nort-1');
    const asked = doctorCommand(['--stage', 'prod', '--records']);
    await expect(asked).rejects.toThrow(UsageError);
    await expect(asked).rejects.toThrow('eu-nort-1, which is no region of AWS');
    vi.unstubAllEnvs();
  });
});

it.each([
  ['ENOTFOUND', 'Error: getaddrinfo ENOTFOUND sts.eu-north-1.amazonaws.com', 'network', 'AWS does not answer'],
  ['TimeoutError', 'TimeoutError: socket', 'network', 'AWS does not answer'],
  ['ExpiredToken', 'ExpiredToken: The security token is expired', 'credentials', 'have expired'],
  ['CredentialsProviderError', 'CredentialsProviderError: the SSO session has expired', 'credentials', 'have expired'],
  ['CredentialsProviderError', 'CredentialsProviderError: Could not load credentials', 'credentials', 'there are no'],
  ['InvalidClientTokenId', 'InvalidClientTokenId: invalid', 'credentials', 'does not know'],
  ['Error', 'Error: Region is missing', 'region', 'nobody has named'],
])('of AWS no answer for %s (%s) is told as %s', (code, why, about, words) => {
  const found = withoutAccount({ kind: 'silent', why, code });
  expect(found).toMatchObject({ verdict: 'problem', about, found: expect.stringContaining(words) });
});

const answering =
  (zone: Readonly<Record<string, readonly string[]>>): LookUp =>
  async (name, type) =>
    tell(zone[`${type} ${name}`] ?? []);

describe('of the DNS', () => {
  const records = recordsFor(config, 'eu-north-1', { tokens: ['one'] });
  const right = Object.fromEntries(records.map(({ name, type, value }) => [`${type} ${name}`, [value]]));
  const without = (name: string) => Object.fromEntries(Object.entries(right).filter(([each]) => each !== name));
  const SPF = 'TXT bounces.mail.shop.test';
  const DMARC = 'TXT _dmarc.mail.shop.test';

  it('the records are lines of a zone file', () => {
    expect(records.map(zoneLine)).toEqual([
      'one._domainkey.mail.shop.test. 1800 IN CNAME one.dkim.amazonses.com.',
      'bounces.mail.shop.test. 1800 IN TXT "v=spf1 include:amazonses.com -all"',
      'bounces.mail.shop.test. 1800 IN MX 10 feedback-smtp.eu-north-1.amazonses.com.',
      '_dmarc.mail.shop.test. 1800 IN TXT "v=DMARC1; p=none; rua=mailto:help@shop.test"',
    ]);
    expect(recordsFor(config, 'eu-north-1', { tokens: ['one'], zone: 'dkim.eu-south-2.amazonses.com' })[0]?.value).toBe(
      'one.dkim.eu-south-2.amazonses.com',
    );
  });

  it.each<[string, Readonly<Record<string, readonly string[]>>, expected: string[]]>([
    ['all records', right, []],
    ['no record at all', {}, ['problem DNS: DKIM', 'warning DNS: SPF', 'warning DNS: bounces', 'problem DNS: DMARC']],
    [
      'a DKIM record of somebody else',
      { ...right, 'CNAME one._domainkey.mail.shop.test': ['one.example.net'] },
      ['problem DNS: DKIM'],
    ],
    ['a record in capitals', { ...right, 'CNAME one._domainkey.mail.shop.test': ['ONE.dkim.amazonses.com'] }, []],
    [
      'another SPF policy that lets SES send',
      { ...right, [SPF]: ['v=spf1 include:_spf.test include:amazonses.com ~all'] },
      [],
    ],
    ['an SPF policy without SES', { ...right, [SPF]: ['v=spf1 include:notamazonses.com -all'] }, ['warning DNS: SPF']],
    [
      'two SPF policies',
      { ...right, [SPF]: ['v=spf1 include:amazonses.com -all', 'v=spf1 -all'] },
      ['warning DNS: SPF'],
    ],
    ['DMARC of the domain above', { ...without(DMARC), 'TXT _dmarc.shop.test': ['v=DMARC1; p=reject'] }, []],
    ['DMARC without a wish', { ...right, [DMARC]: ['v=DMARC1; rua=mailto:a@b.test'] }, ['problem DNS: DMARC']],
    [
      'DMARC of everybody below test',
      { ...without(DMARC), 'TXT _dmarc.test': ['v=DMARC1; p=reject'] },
      ['problem DNS: DMARC'],
    ],
  ])('%s', async (_what, zone, expected) => {
    expect(amiss(await checkDns(config, records, answering(zone)))).toEqual(expected);
  });

  it('a name server that does not answer is no missing record', async () => {
    const findings = await checkDns(config, records, async () => ({ kind: 'silent', why: 'ETIMEOUT' }));
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
    expect(findings.every(({ fix }) => fix !== undefined)).toBe(true);
    expect(isInOrder(findings)).toBe(false);
  });

  it.each<[string, Readonly<Record<string, readonly string[]>>, RegExp]>([
    ['where there is none', {}, /^_dmarc\.mail\.shop\.test\. 1800 IN TXT "v=DMARC1; p=none;/u],
    [
      'not where one stands',
      { [DMARC]: ['v=DMARC1; p=quarantine'] },
      /^; No .*_dmarc\.mail\.shop\.test asks for p=quarantine/u,
    ],
    [
      'nor below one',
      { 'TXT _dmarc.shop.test': ['v=DMARC1;p=reject'] },
      /^; No .* _dmarc\.shop\.test asks for p=reject/u,
    ],
    [
      'with the wish for what is below',
      { 'TXT _dmarc.shop.test': ['v=DMARC1; p=none; sp=reject'] },
      /^; No .* asks for p=reject/u,
    ],
  ])('a DMARC policy is to be added %s', async (_what, zone, expected) => {
    const lines = await linesToAdd(config, records, answering(zone));
    expect(lines).toHaveLength(records.length);
    expect(lines.at(-1)).toMatch(expected);
  });

  it('a DMARC policy that nobody could look for is told of', async () => {
    const lines = await linesToAdd(config, records, async () => ({ kind: 'silent', why: 'ETIMEOUT' }));
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^; .*ETIMEOUT/u),
      expect.stringMatching(/^_dmarc\.mail\.shop\.test\. /u),
    ]);
  });

  it('bounces go nowhere as long as nobody has named a region', () => {
    expect(recordsFor(config, undefined, undefined).map(({ purpose }) => purpose)).toEqual(['SPF', 'DMARC']);
  });

  it("somebody else's identity has no records of ours for bounces", () => {
    const shared = recordsFor(configured({ existing: ['identity'] }), 'eu-north-1', undefined);
    expect(shared.map(({ purpose }) => purpose)).toEqual(['DMARC']);
  });
});

/** What two stages both make. */
const clashes = (one: DeploymentConfig, two: DeploymentConfig) =>
  checkClashes(one, [two]).map(({ found }) => found.replace(/.*make the (.*),.*/u, '$1'));

describe('of the settings', () => {
  it('samples, alarms nobody hears and links that die with the stack are told', async () => {
    const sample = { name: 'Shop', address: 'hello@shop.example.com' };
    const findings = await checkConfig(configured({ sender: sample, alarms: {}, sending: 'live' }));

    // Two stages of the file are there to be compared with, too; what they clash in is told apart, and so is the content.
    const elsewhere = ['stages', 'content'];
    expect(amiss(findings.filter(({ about }) => !elsewhere.includes(about)))).toEqual([
      'problem sender',
      'warning sending',
      'warning alarm address',
      'warning runbook',
    ]);
  });

  it.each([
    ['the invented shop', 'https://shop.example.com/', 'live', 'problem'],
    ['the invented shop in shadow', 'https://shop.example.com/', 'shadow', 'warning'],
    ['a shop there is', 'https://shop.test/', 'live', 'ok'],
  ] as const)('content that speaks for %s is told', async (_what, url, sending, verdict) => {
    const file = join(scratchDirectory(), 'shop.json');
    await writeFile(file, JSON.stringify({ name: 'Shop', url, contacts: { email: 'help@shop.test' } }));
    expect(await checkShop(configured({ sending }), file)).toMatchObject({ about: 'content', verdict });
  });

  it('a runbook that can be followed as a link is not told of', async () => {
    const runbookBase = 'https://github.com/shop/perennial/blob/main/docs/runbook.md';
    const findings = await checkConfig(configured({ runbookBase }));
    expect(findings).toContainEqual(expect.objectContaining({ about: 'runbook', verdict: 'ok', found: runbookBase }));
  });

  it('two stages that may meet and make the same are told', () => {
    const other = configured({ stage: 'dev' });
    expect(clashes(config, other)).toEqual(['bus customers', 'identity mail.shop.test']);
    expect(clashes(config, configured({ stage: 'dev', busName: 'dev', existing: ['identity'] }))).toEqual([]);
    const apart = ['111111111111', '222222222222'].map((account) => configured({ account }));
    expect(clashes(apart[0] ?? config, apart[1] ?? config)).toEqual([]);
  });
});

it('a finding is told with what to do and the command for it', () => {
  const text = told([
    { about: 'one', verdict: 'ok', found: 'fine' },
    { about: 'two', verdict: 'problem', found: 'broken', fix: 'Mend it', command: 'mend --now' },
  ]);
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    'ok       one                   fine',
    'problem  two                   broken',
    '         → Mend it',
    '             mend --now',
    '',
    '1 ok, 0 warnings, 1 problems, 0 could not be checked',
  ]);
});

const xml = (action: string, result: string) =>
  `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
const stack = (name: string, outputs: string) =>
  xml(
    'DescribeStacks',
    `<Stacks><member><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${outputs}</Outputs></member></Stacks>`,
  );
const output = (key: string, value: string) =>
  `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`;

describe('an account is asked', () => {
  let server: Server;
  let endpoint: string;
  const asked: string[] = [];
  /** The answers of AWS to each question, as they come over the wire. */
  function answer(path: string, form: URLSearchParams): readonly [status: number, body: string] {
    const action = form.get('Action');
    asked.push(action ?? path);
    switch (action ?? path) {
      case 'GetCallerIdentity':
        return [
          200,
          xml('GetCallerIdentity', '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ops</Arn>'),
        ];
      case 'DescribeStacks':
        switch (form.get('StackName') ?? '') {
          case 'CDKToolkit':
            return [200, stack('CDKToolkit', output('BootstrapVersion', '28'))];
          case 'PerennialData-locked':
            return [
              403,
              '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
            ];
          case 'PerennialPipeline-prod':
            return [
              200,
              stack('PerennialPipeline-prod', output('OnCallTopicArn1A2B', 'arn:aws:sns:eu-north-1:1:alarms')),
            ];
          default:
            return [
              400,
              '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id PerennialData-prod does not exist</Message></Error></ErrorResponse>',
            ];
        }
      case 'ListSubscriptionsByTopic':
        return [
          200,
          xml(
            'ListSubscriptionsByTopic',
            '<Subscriptions><member><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions>',
          ),
        ];
      case '/v2/email/account':
        return [
          200,
          JSON.stringify({
            ProductionAccessEnabled: false,
            SendingEnabled: true,
            EnforcementStatus: 'HEALTHY',
            SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 3 },
            SuppressionAttributes: { SuppressedReasons: ['BOUNCE'] },
            Details: { ReviewDetails: { Status: 'PENDING' } },
          }),
        ];
      case '/v2/email/identities/mail.shop.test':
        return [
          200,
          JSON.stringify({
            VerifiedForSendingStatus: true,
            DkimAttributes: {
              SigningEnabled: true,
              Status: 'SUCCESS',
              Tokens: ['one'],
              SigningHostedZone: 'dkim.eu-north-1.amazonses.com',
            },
          }),
        ];
      case '/v2/email/configuration-sets/perennial-prod':
        return [404, JSON.stringify({ message: 'Configuration set does not exist' })];
      case '/2016-08-19/account-settings/':
      case '/2016-08-19/account-settings':
        return [403, JSON.stringify({ message: 'not allowed' })];
      default:
        return [500, ''];
    }
  }

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const [status, text] = answer(request.url ?? '', new URLSearchParams(body));
        const error = status === 404 ? 'NotFoundException' : status === 403 ? 'AccessDeniedException' : undefined;
        response.writeHead(status, {
          'content-type': text.startsWith('<') ? 'text/xml' : 'application/json',
          ...(error !== undefined && { 'x-amzn-errortype': error }),
        });
        response.end(text);
      });
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    const address = server.address();
    endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => {
    server.close();
  });

  it('in the words of AWS, one question for each thing, and each answer stands alone', async () => {
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const answers = await askAccount(config, { endpoint, region: 'eu-north-1', credentials });

    expect(answers).toEqual(
      tell({
        region: 'eu-north-1',
        caller: healthy.caller,
        bootstrap: tell({ status: 'CREATE_COMPLETE', outputs: { BootstrapVersion: '28' } }),
        stacks: tell({
          data: undefined,
          pipeline: { status: 'CREATE_COMPLETE', outputs: { OnCallTopicArn1A2B: 'arn:aws:sns:eu-north-1:1:alarms' } },
        }),
        ses: tell({
          production: false,
          sendingEnabled: true,
          enforcement: 'HEALTHY',
          perDay: 200,
          perSecond: 1,
          sentToday: 3,
          suppresses: ['BOUNCE'],
          review: 'PENDING',
        }),
        identity: tell({
          verified: true,
          dkim: { tokens: ['one'], status: 'SUCCESS', signing: true, zone: 'dkim.eu-north-1.amazonses.com' },
        }),
        configurationSet: tell(undefined),
        subscriptions: tell({ confirmed: 0, pending: 1 }),
        concurrency: { kind: 'silent', why: expect.stringContaining('AccessDenied'), code: 'AccessDeniedException' },
      }),
    );
    expect(asked.filter((each) => !/^(?:Get|Describe|List)|^\//u.test(each))).toEqual([]);
  });

  it('and of a topic that nobody could look for it is not said that there is none', async () => {
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const answers = await askAccount(configured({ stage: 'locked' }), { endpoint, region: 'eu-north-1', credentials });
    const silent = { kind: 'silent' };
    expect(answers).toMatchObject({ kind: 'told', value: { stacks: silent, subscriptions: silent } });
  });
});
