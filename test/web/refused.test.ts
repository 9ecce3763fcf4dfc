import { describe, expect, it } from 'vitest';
import { refusedView } from '../../infra/local/web/refused.ts';
import { NOW, refusedLetter } from './fixture.ts';

const failed = (body: string) => ({ queue: 'send-dead', messageId: 'd-2', at: NOW, receives: 5, body });

const line = (about: string, message: string) => ({
  functionName: 'send',
  at: NOW,
  text: JSON.stringify({ level: 'ERROR', about, error: { name: 'UnknownTemplate', message } }),
});

describe('a dead letter', () => {
  it('that was refused gives field and expectation', () => {
    const original = JSON.stringify({
      source: 'shop',
      'detail-type': 'Login Succeeded',
      detail: { data: { customerId: 'c-1' } },
    });
    expect(refusedView(refusedLetter('d-1', 'data.customerId', 'expected the customer id', original), [])).toEqual({
      queue: 'record-dead',
      messageId: 'd-1',
      at: NOW,
      receives: 0,
      kind: 'refused',
      title: 'Login Succeeded',
      customerId: 'c-1',
      field: 'data.customerId',
      reason: 'expected the customer id',
      original: JSON.stringify(JSON.parse(original), undefined, 2),
    });
  });

  const due = JSON.stringify({ 'detail-type': 'Message Due', detail: { data: { customerId: 'c-1' } } });

  it('that kept failing gives the last fault logged about its customer, and no other', () => {
    const logs = [
      line('c-1', 'first'),
      line('c-1', 'no such step'),
      line('c-12', 'another'),
      { ...line('', ''), text: 'plain' },
    ];
    const view = refusedView(failed(due), logs);
    expect(view).toMatchObject({ kind: 'failed', title: 'Message Due', customerId: 'c-1' });
    expect(view.reason).toBe('delivered 5 times and failed each time; last: UnknownTemplate: no such step');
    expect(refusedView(failed(due), []).reason).toBe('delivered 5 times and failed each time');
  });

  it('that is no event at all is shown as it came', () => {
    expect(refusedView(failed('not json <b>'), [])).toMatchObject({ title: 'Not an event', original: 'not json <b>' });
  });

  it('cannot pass for a refusal under another source', () => {
    const { body, ...rest } = refusedLetter('d-3', 'x', 'expected y', '{}');
    expect(refusedView({ ...rest, body: body.replace('"perennial"', '"shop"') }, []).kind).toBe('failed');
  });
});
