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
    return { status: response.status, answer: await response.json() };
  } catch (error) {
    // No connection, no answer in time, or one that is no JSON.
    return { status: 0, answer: { error: String(error) } };
  }
}

/** Tries again for as long as that helps: the id stays the same, time and signature are made anew. */
async function send(url, secret, body) {
  const id = `msg_${randomUUID()}`;
  let status = 0;
  for (const wait of [1000, 2000, 4000, 8000, 0]) {
    const tried = await post(url, secret, id, body);
    ({ status } = tried);
    // already-taken: it was our own request, and its answer got lost on the way.
    if (status === 202 || tried.answer.error === 'already-taken') return tried.answer;
    if (status !== 0 && status !== 429 && status < 500) throw new Error(JSON.stringify(tried.answer, undefined, 2));
    await sleep(wait);
  }
  throw new Error(`The intake did not answer, or was too busy (${status}). Keep the events and try later.`);
}

const { INTAKE_URL, INTAKE_SECRET } = process.env;
try {
  console.log(JSON.stringify(await send(INTAKE_URL, INTAKE_SECRET, await readFile(process.argv[2]))));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
