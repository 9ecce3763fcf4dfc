import { describe, expect, it } from 'vitest';
import type { Fate, QueueMishap } from '../../infra/local/faults.ts';
import { MINUTE, type Running, SECOND, start, START } from '../local/running.ts';

/** The first call of `record` to the service meets the fate. */
function strike({ twin }: Running, service: string, fate: Fate): void {
  let struck = false;
  twin.faults.plan = {
    call: (call) => {
      if (struck || call.functionName !== 'record' || call.service !== service) return undefined;
      struck = true;
      return fate;
    },
  };
}

/** A note of event `n` is written under the number of deliveries it took. */
async function note(running: Running) {
  await running.put('Note', { customerId: 'c', id: 'n' });
  await running.twin.advanceTo(START);
  return running.item('c', 'NOTE#n');
}

const logOf = ({ twin }: Running) => twin.logs.map(({ text }) => text).join('\n');

describe('a call of a function', () => {
  it('has no effect when the function dies before it, and its message comes back', async () => {
    const running = await start();
    strike(running, 'dynamodb', { kind: 'dies', effect: 'before' });
    expect(await note(running)).toBeUndefined();
    expect(logOf(running)).toContain('stopped by a planned fault');
    expect(running.depth('intake')).toEqual([0, 1, 0]);
    await running.twin.advanceTo(START + MINUTE);
    expect(await running.item('c', 'NOTE#n')).toMatchObject({ receives: '2' });
  });

  it('has its effect when the function dies after it, and its message comes back', async () => {
    const running = await start();
    strike(running, 'dynamodb', { kind: 'dies', effect: 'after' });
    expect(await note(running)).toMatchObject({ receives: '1' });
    expect(running.depth('intake')).toEqual([0, 1, 0]);
  });

  it('is repeated by the client when its answer is lost, and nothing comes back', async () => {
    const running = await start();
    const { twin } = running;
    const seen: number[] = [];
    strike(running, 'dynamodb', { kind: 'answer lost' });
    twin.faults.plan = { ...twin.faults.plan, happened: (_call, status) => void seen.push(status) };
    expect(await note(running)).toMatchObject({ receives: '1' });
    expect(seen).toEqual([200, 200]);
    expect(running.depth('intake')).toEqual([0, 0, 0]);
  });

  it('takes effect late, after its function has died', async () => {
    const running = await start();
    strike(running, 'dynamodb', { kind: 'late', milliseconds: 5 * SECOND, dies: true });
    expect(await note(running)).toBeUndefined();
    await running.twin.advanceTo(START + 4 * SECOND);
    expect(await running.item('c', 'NOTE#n')).toBeUndefined();
    await running.twin.advanceTo(START + 5 * SECOND);
    expect(await running.item('c', 'NOTE#n')).toMatchObject({ receives: '1' });
  });

  it('hears an error of the service instead', async () => {
    const running = await start();
    strike(running, 'ses', { kind: 'refused', status: 400, code: 'MessageRejected', message: 'not on a Sunday' });
    await running.put('Mail', { customerId: 'c', to: 'c@example.com' });
    await running.twin.advanceTo(START);
    expect(running.twin.mailbox).toHaveLength(0);
    expect(logOf(running)).toContain('MessageRejected: not on a Sunday');
  });

  it('goes well without a plan', async () => {
    const running = await start();
    strike(running, 'dynamodb', { kind: 'dies', effect: 'before' });
    running.twin.faults.plan = undefined;
    expect(await note(running)).toMatchObject({ receives: '1' });
  });
});

/** Seconds after the start at which the function got the message. */
async function deliveries(mishap: QueueMishap): Promise<readonly number[]> {
  const running = await start();
  running.twin.faults.plan = { message: () => mishap };
  await running.put('Log', { text: 'delivered' });
  await running.twin.advanceTo(START + MINUTE);
  expect(running.depth('intake')).toEqual([0, 0, 0]);
  return running.twin.logs.filter(({ text }) => text === 'delivered').map(({ at }) => (at - START) / SECOND);
}

describe('a queue message', () => {
  it('is delivered twice, the copy later', async () => {
    expect(await deliveries({ copySeconds: 7 })).toEqual([0, 7]);
  });

  it('is delivered late', async () => {
    expect(await deliveries({ delaySeconds: 9 })).toEqual([9]);
  });

  it('comes back once after its visibility timeout although it was deleted', async () => {
    expect(await deliveries({ returns: true })).toEqual([0, 12]);
  });
});
