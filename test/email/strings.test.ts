import { expect, it } from 'vitest';
import { toMarkup } from '../../shared/email/strings.ts';

const NOWRAP = '<span style="white-space:nowrap;">';

it.each([
  ['Antworten Sie auf diese E-Mail.', `Antworten Sie auf diese ${NOWRAP}E-Mail</span>.`],
  [
    'Alle E-Mails, auch **E-Mails** an uns',
    `Alle ${NOWRAP}E-Mails</span>, auch <strong>${NOWRAP}E-Mails</span></strong> an uns`,
  ],
  ['Steinzeug-Teekanne', 'Steinzeug-Teekanne'],
  ['[hier](https://shop.example.com/e-mail)', '<a href="https://shop.example.com/e-mail">hier</a>'],
  ["{% if a == 'e-mail' %}x{% endif %}", "{% if a == 'e-mail' %}x{% endif %}"],
])('%s keeps a single letter and its word on one line', (text, markup) => {
  expect(toMarkup(text)).toBe(markup);
});
