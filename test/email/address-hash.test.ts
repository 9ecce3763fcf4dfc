/** The keyed hash that names an address. */
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { addressHash } from '../../shared/email/address-hash.ts';

it('is the first 16 characters of the HMAC-SHA256, in base64url', () => {
  const whole = createHmac('sha256', 'key').update('anna@example.com').digest('base64url');

  expect(addressHash('key', 'anna@example.com')).toBe(whole.slice(0, 16));
});

it.each([' anna@example.com', 'Anna@Example.COM', 'anna@example.com\n'])(
  'is the same however it is spelt: %j',
  (spelt) => {
    expect(addressHash('key', spelt)).toBe(addressHash('key', 'anna@example.com'));
  },
);

it('differs by address and by key', () => {
  expect(addressHash('key', 'anna@example.org')).not.toBe(addressHash('key', 'anna@example.com'));
  expect(addressHash('other', 'anna@example.com')).not.toBe(addressHash('key', 'anna@example.com'));
});
