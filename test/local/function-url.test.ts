import { connect } from 'node:net';
import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { MINUTE, type Running, SECOND, start, START } from './running.ts';

const HTTP = {
  method: 'POST',
  path: '/p/tok%20en',
  protocol: 'HTTP/1.1',
  sourceIp: '127.0.0.1',
  userAgent: 'Reader/1',
};

const urlOf = ({ twin }: Running): string => twin.functionUrls.get('page') ?? '';

const eventSchema = z
  .object({ headers: z.record(z.string(), z.string()), body: z.string().optional(), isBase64Encoded: z.boolean() })
  .loose();
const eventIn = async (response: Response) => eventSchema.parse(await response.json());

describe('the event', () => {
  test('has the form of payload 2.0, without the prefix of the twin', async () => {
    const running = await start();
    const headers = { 'User-Agent': 'Reader/1', Cookie: 'a=1; b=2', 'X-Mixed': 'Case', 'Content-Type': 'text/plain' };
    const response = await fetch(`${urlOf(running)}p/tok%20en?a=1&b=2&a=3`, { method: 'POST', headers, body: 'héllo' });
    const event = await eventIn(response);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/p/tok%20en',
      rawQueryString: 'a=1&b=2&a=3',
      queryStringParameters: { a: '1,3', b: '2' },
      cookies: ['a=1', 'b=2'],
      headers: { 'x-mixed': 'Case', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
      requestContext: { accountId: 'anonymous', http: HTTP, timeEpoch: START, time: '01/Mar/2026:12:00:00 +0000' },
      body: 'héllo',
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
  });

  test.each([
    ['application/json; charset=utf-8', false],
    ['text/html', false],
    ['application/x-www-form-urlencoded', true],
    ['multipart/form-data; boundary=x', true],
    ['application/octet-stream', true],
  ])('a body of type %s comes in base64: %s', async (type, encoded) => {
    const running = await start();
    const sent = 'List-Unsubscribe=One-Click';
    const response = await fetch(urlOf(running), { method: 'POST', headers: { 'content-type': type }, body: sent });
    const { body = '', isBase64Encoded } = await eventIn(response);
    expect(isBase64Encoded).toBe(encoded);
    expect(encoded ? Buffer.from(body, 'base64').toString() : body).toBe(sent);
  });

  test('an Authorization header of another kind is none of its business', async () => {
    const running = await start();
    const response = await fetch(urlOf(running), { headers: { authorization: 'Bearer x' } });
    expect((await eventIn(response)).headers['authorization']).toBe('Bearer x');
  });

  test('a request of more than 6 MB is refused before the function sees it', async () => {
    const running = await start();
    const body = 'x'.repeat(6 * 1024 * 1024);
    const response = await fetch(urlOf(running), { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
    expect(response.status).toBe(413);
  });
});

describe('the answer', () => {
  test.each([
    ['html', 201, 'text/html; charset=utf-8', '<p>é</p>'],
    ['json', 200, 'application/json', '{"hello":"you"}'],
    ['text', 200, 'application/json', '"plain"'],
    ['nothing', 200, 'application/json', 'null'],
    ['malformed', 502, 'application/json', 'Internal Server Error'],
    ['large', 502, 'application/json', 'Internal Server Error'],
    ['throw', 502, 'application/json', 'Internal Server Error'],
  ])('/%s is mapped as Lambda does', async (path, status, type, body) => {
    const running = await start();
    const response = await fetch(urlOf(running) + path);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
    expect(response.headers.get('date')).toBe(new Date(START).toUTCString());
  });

  test('cookies and bytes survive', async () => {
    const running = await start();
    const cookies = await fetch(`${urlOf(running)}cookies`);
    expect([cookies.status, cookies.headers.getSetCookie()]).toEqual([204, ['a=1; Secure', 'b=2']]);
    const binary = await fetch(`${urlOf(running)}binary`);
    expect([...new Uint8Array(await binary.arrayBuffer())]).toEqual([0x00, 0xff, 0x80]);
    expect((await fetch(`${urlOf(running)}html`, { method: 'HEAD' })).status).toBe(201);
  });

  test('a client that hangs up early does no harm', async () => {
    const running = await start();
    const { port, pathname } = new URL(`${urlOf(running)}clock`);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.destroy();
    expect((await fetch(`${urlOf(running)}clock`)).status).toBe(200);
  });
});

describe('who may call', () => {
  test.each(['pageUrlPermission', 'pagePermission'])('without %s nobody gets in', async (permission) => {
    const running = await start({}, (resources) => delete resources[permission]);
    const response = await fetch(urlOf(running));
    expect(response.status).toBe(403);
    expect(await response.json()).toHaveProperty('Message', expect.stringContaining('Forbidden'));
    expect(response.headers.get('x-amzn-errortype')).toBe('AccessDeniedException');
  });

  test('a permission for URLs with a login, or for other callers of the function, opens nothing', async () => {
    const withLogin = await start({}, ({ pageUrlPermission }) => {
      if (pageUrlPermission) pageUrlPermission.Properties['FunctionUrlAuthType'] = 'AWS_IAM';
    });
    expect((await fetch(urlOf(withLogin))).status).toBe(403);
    const forBus = await start({}, ({ pagePermission }) => {
      if (pagePermission) pagePermission.Properties['Principal'] = 'events.amazonaws.com';
    });
    expect((await fetch(urlOf(forBus))).status).toBe(403);
  });

  test('a function without a URL cannot be called', async () => {
    const { twin } = await start();
    expect((await fetch(`${twin.endpoint}/url/record/`)).status).toBe(404);
  });

  test('the template gets the address it really has', async () => {
    const running = await start({}, ({ record }) => {
      const environment = record?.Properties['Environment'];
      Object.assign(Object(environment).Variables, { LINK_BASE: { 'Fn::GetAtt': ['pageUrl', 'FunctionUrl'] } });
    });
    await running.put('Environment', { customerId: 'c1' });
    await running.twin.advanceTo(START);
    const item = await running.item('c1', 'ENVIRONMENT');
    expect(JSON.parse(String(item?.['json']))).toHaveProperty('LINK_BASE', `${running.twin.endpoint}/url/page/`);
  });
});

describe('time', () => {
  test('a request is served while virtual time stands, and what it puts on the bus waits for the next advance', async () => {
    const running = await start();
    const { twin, depth, item } = running;
    expect(await (await fetch(`${urlOf(running)}clock`)).json()).toEqual({ now: START });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ customerId: 'c1', id: 'n' });
    await fetch(`${urlOf(running)}put`, { method: 'POST', headers, body });
    expect(depth('intake')).toEqual([1, 0, 0]);
    await twin.advanceTo(START);
    expect(await item('c1', 'NOTE#n')).toMatchObject({ at: START });
  });

  test('requests during an advance are served before time moves on, and none is lost', async () => {
    const running = await start();
    const { twin, put, items } = running;
    for (let n = 0; n < 5; n += 1) await put('Arm', { customerId: `t${n}`, dueAt: START + n * MINUTE });
    const advance = twin.advanceTo(START + 10 * MINUTE);
    const headers = { 'content-type': 'application/json' };
    const posts = Array.from({ length: 20 }, (_none, n) =>
      fetch(`${urlOf(running)}put`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ customerId: 'c1', id: `${n}` }),
      }),
    );
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(posts.map(() => 200));
    await advance;
    await twin.advanceTo(START + 11 * MINUTE);
    expect(Object.keys(await items('c1'))).toHaveLength(20);
  });

  test('time stands still while a request is served in the middle of an advance', async () => {
    const running = await start();
    const { twin, put } = running;
    for (let n = 0; n < 100; n += 1) await put('Arm', { customerId: `t${n}`, dueAt: START + n * MINUTE });
    await twin.advanceTo(START + MINUTE);
    await fetch(`${urlOf(running)}clock`);
    const advance = twin.advanceTo(START + 100 * MINUTE);
    const slow = await fetch(`${urlOf(running)}slow`);
    expect(await slow.json()).toEqual({ moved: 0 });
    await advance;
  });

  test('it works live', async () => {
    const running = await start({ clock: { mode: 'real' } });
    const { now } = z.object({ now: z.number() }).parse(await (await fetch(`${urlOf(running)}clock`)).json());
    expect(Math.abs(now - Date.now())).toBeLessThan(60 * SECOND);
  });
});
