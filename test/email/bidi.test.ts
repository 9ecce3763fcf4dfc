import { expect, it } from 'vitest';
import { isolated, lineFromTheLeft, rightToLeft, withIsolates } from '../../shared/email/bidi.ts';

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
  // In each branch of a condition, and behind one that does not hold.
  expect(rightToLeft('{% if item.url %}{{ item.name }} <{{ item.url }}>{% else %} {{ item.name }}{% endif %}')).toBe(
    `{% if item.url %}${RLM}${FSI}{{ item.name }}${PDI} <{{ item.url }}>{% else %} ${RLM}${FSI}{{ item.name }}${PDI}{% endif %}`,
  );
  expect(rightToLeft('{% if order %}سلام{% endif %}{{ order.total }}')).toBe(
    `{% if order %}سلام{% endif %}${RLM}${FSI}{{ order.total }}${PDI}`,
  );
  // Nothing comes into the address of a link.
  const link = 'سلام <{% if order %}{{ order.url }}{% else %}https://shop.example.com/{% endif %}>';
  expect(rightToLeft(link)).not.toContain(RLM);
});

it('tells a line that nothing lets run from the right', () => {
  const isolate = `${FSI}فنجان${PDI} × ${FSI}۲${PDI}`;
  expect(lineFromTheLeft(`سلام\n${isolate}`)).toBe(isolate);
  expect(lineFromTheLeft('Kettle & Fern می‌نویسد')).toBe('Kettle & Fern می‌نویسد');
  expect(lineFromTheLeft(`سلام\n\n${RLM}${isolate}\n۱ سفارش\n<https://shop.example.com/>\n`)).toBeUndefined();
});

it('keeps isolated in text what is isolated in HTML', () => {
  const html = '<a href="tel:+442079460018"><bdi dir="ltr">+44 20 7946 0018</bdi></a>';
  expect(withIsolates(html)).toBe(`<a href="tel:+442079460018">${FSI}+44 20 7946 0018${PDI}</a>`);
});
