/**
 * Sends the events in a file to the intake. Node 20 or newer, without dependencies.
 *
 *   INTAKE_URL=... INTAKE_SECRET=... node send-events.mjs events.json
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

function sign(secret, id, timestamp, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return `v1,${digest}`;
}

/** What AWS itself answers may be plain text. */
function parsed(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return { message: text };
  }
}

async function post(url, secret, id, body) {
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(secret, id, timestamp, body),
  };
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(20_000) });
    const asked = /^\d{1,3}$/.exec(response.headers.get('retry-after') ?? '') ?? 0;
    return { status: response.status, answer: parsed(await response.text()), asked: Number(asked) };
  } catch (error) {
    // No connection, or no answer in time.
    return { status: 0, answer: { error: String(error) }, asked: 0 };
  }
}

/** Tries again for as long as that helps: the id stays the same, time and signature are made anew. */
async function send(url, secret, body) {
  const id = `msg_${randomUUID()}`;
  let status = 0;
  // Seconds between two tries, at least; the intake may ask for more.
  for (const wait of [1, 2, 4, 8, 16, 30, undefined]) {
    const tried = await post(url, secret, id, body);
    ({ status } = tried);
    // already-taken: it was our own request, and its answer got lost on the way.
    if (status === 202 || tried.answer.error === 'already-taken') return tried.answer;
    if (status !== 0 && status !== 429 && status < 500) throw new Error(JSON.stringify(tried.answer, undefined, 2));
    if (wait !== undefined) await sleep(Math.max(wait, tried.asked) * 1000);
  }
  throw new Error(`The intake did not answer, or was too busy (${status}). Keep the events and try later.`);
}

const { INTAKE_URL, INTAKE_SECRET } = process.env;
const [, , file, ...more] = process.argv;
if (!INTAKE_URL || !INTAKE_SECRET || !file || more.length > 0) {
  console.error('usage: INTAKE_URL=... INTAKE_SECRET=... node send-events.mjs FILE');
  process.exit(2);
}
try {
  const events = await readFile(file).catch((error) => {
    throw new Error(`${file} cannot be read: ${error.code}`);
  });
  console.log(JSON.stringify(await send(INTAKE_URL, INTAKE_SECRET, events)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
