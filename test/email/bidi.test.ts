import { expect, it } from 'vitest';
import { isolated, rightToLeft, withIsolates } from '../../shared/email/bidi.ts';

const [FSI, PDI, RLM] = ['\u2068', '\u2069', '\u200f'];

it('isolates every value, but no address of a link, and none twice', () => {
  expect(isolated('سفارش {{ order.orderId }}، {{ order.total }}')).toBe(
    `سفارش ${FSI}{{ order.orderId }}${PDI}، ${FSI}{{ order.total }}${PDI}`,
  );
  expect(isolated('لغو <{{ unsubscribeUrl }}>')).toBe('لغو <{{ unsubscribeUrl }}>');
  expect(isolated(`${FSI}{{ x }}${PDI}`)).toBe(`${FSI}{{ x }}${PDI}`);
});

it('begins every line from the right that would begin from the left', () => {
  expect(rightToLeft('Kettle & Fern\nسلام')).toBe(`${RLM}Kettle & Fern\nسلام`);
  // In each turn of a loop, not before the first alone.
  expect(rightToLeft('{% for item in order.items %}{{ item.name }}\n{% endfor %}')).toBe(
    `{% for item in order.items %}${RLM}${FSI}{{ item.name }}${PDI}\n{% endfor %}`,
  );
});

it('keeps isolated in text what is isolated in HTML', () => {
  const html = '<a href="tel:+442079460018"><bdi dir="ltr">+44 20 7946 0018</bdi></a>';
  expect(withIsolates(html)).toBe(`<a href="tel:+442079460018">${FSI}+44 20 7946 0018${PDI}</a>`);
});
