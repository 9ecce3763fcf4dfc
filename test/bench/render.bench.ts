/** Budget: 4,000 mails (both parts, 20 KB) a second on one core, including the view. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, describe } from 'vitest';
import { compileContent } from '../../shared/email/compile.ts';
import { composeMessage } from '../../shared/email/message.ts';
import { render } from '../../shared/email/render.ts';
import { fullSample } from '../../shared/email/sample.ts';
import { viewOf } from '../../shared/email/view.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { SHIPPED } from '../support/playbooks.ts';

const content = fileURLToPath(new URL('../../shared/content', import.meta.url));
const release = await compileContent(content, mkdtempSync(join(tmpdir(), 'perennial-bench-')));
const placed = findStep(SHIPPED, 'onboarding', 'welcome');
if (placed === undefined) throw new Error('the playbook welcomes nobody');
// Somebody who has just ordered has no cart, and this mail neither links nor claims anything.
const { cart: _cart, content: _content, improvements: _improvements, ...input } = fullSample(release, placed);
const welcome = release.template('onboarding', 'welcome', 'en');
const mail = render(welcome, viewOf(input, 'en'));

describe('a welcome mail with eight items', () => {
  bench('view and render', () => {
    render(welcome, viewOf(input, 'en'));
  });

  bench('compose', async () => {
    await composeMessage({
      from: { name: 'Kettle & Fern', address: 'hello@shop.example.com' },
      replyTo: 'hello@shop.example.com',
      to: { name: 'Åsa Öberg', address: 'asa@example.com' },
      headers: {},
      locale: 'en',
      ...mail,
    });
  });
});
