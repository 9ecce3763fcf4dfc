import { describe, expect, test } from 'vitest';
import { confirmationOf } from '../../infra/local/shop/platform.ts';
import { MINUTE, START, start } from './running.ts';

const announced = { source: 'perennial', detailType: 'Offer Issued', resources: [], time: START };

describe('whoever listens to the bus from outside', () => {
  test('answers at the instant of the event, before time goes on', async () => {
    const { twin, put, item } = await start();
    const off = twin.subscribe(async ({ detailType }) => {
      if (detailType === 'Message Due') await put('Note', { customerId: 'c-1', id: 'answer' });
    });

    await put('Announce', { customerId: 'c-1' });
    await twin.advanceTo(START);
    expect(await item('c-1', 'NOTE#answer')).toMatchObject({ at: START });

    off();
    await put('Announce', { customerId: 'c-1' });
    await twin.advanceTo(START + MINUTE);
    expect(await item('c-1', 'NOTE#answer')).toMatchObject({ at: START });
  });
});

describe('the platform of the shop', () => {
  test('makes the code it is asked for, and says the same whenever it is asked', () => {
    const detail = { metadata: {}, data: { customerId: 'c-1', offerId: 'o-1', code: 'ABC', percent: 10 } };
    const confirmation = confirmationOf({ ...announced, detail }, START);
    expect(confirmation).toMatchObject({
      source: 'shop.platform',
      detailType: 'Offer Confirmed',
      detail: {
        metadata: { id: 'confirmed-o-1', version: 1 },
        data: { customerId: 'c-1', offerId: 'o-1', code: 'ABC' },
      },
    });
  });

  test('leaves everything else alone, also what only looks like it', () => {
    expect(confirmationOf({ ...announced, detailType: 'Message Due', detail: {} }, START)).toBeUndefined();
    expect(confirmationOf({ ...announced, source: 'shop', detail: {} }, START)).toBeUndefined();
  });
});
