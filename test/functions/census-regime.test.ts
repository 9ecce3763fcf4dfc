/** What the census is told of who is mailed. */
import { describe, expect, it } from 'vitest';
import { regimeOf } from '../../functions/census/regime.ts';

const ENVIRONMENT = {
  TABLE_NAME: 'customers',
  CONTENT_TABLE: 'content',
  BUS_NAME: 'bus',
  SENDING: 'live',
  HOLDOUT_SHARE: '0.05',
  HOLDOUT_SALT: 'salt',
  METRICS_NAMESPACE: 'Perennial/test',
};

describe('the regime', () => {
  it('is that of the sender', () => {
    expect(regimeOf(ENVIRONMENT)).toEqual({ holdout: { share: 0.05, salt: 'salt' }, isLive: true });
  });

  it.each(['off', 'shadow', 'allow-list'])('has nobody mailed while sending is %s', (SENDING) => {
    expect(regimeOf({ ...ENVIRONMENT, SENDING }).isLive).toBe(false);
  });

  it.each(['1.1', '-0.1', 'some'])('knows no holdout of %s', (HOLDOUT_SHARE) => {
    expect(() => regimeOf({ ...ENVIRONMENT, HOLDOUT_SHARE })).toThrow('HOLDOUT_SHARE: expected a number from 0 to 1');
  });
});
