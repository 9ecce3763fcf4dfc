/** What an address asks for that there is not: said with what there is, and never replaced by something else. */
import { html } from '../../../shared/html.ts';
import { type Answer, page } from './answer.ts';
import type { Surroundings } from './frame.ts';
import { noticePage } from './notice-page.ts';

/** "locale=xx: expected one of en, sv"; undefined for what there is, and where nothing is asked for. */
export function unknownValue(name: string, value: string | null, known: readonly string[]): string | undefined {
  if (value === null || value === '' || known.includes(value)) return undefined;
  if (known.length === 0) return `${name}=${value}: there is none here`;
  return `${name}=${value}: expected ${known.length === 1 ? '' : 'one of '}${known.join(', ')}`;
}

/** @param usual the page without what is wrong */
export function unknownPage(wrong: readonly string[], usual: string, around: Surroundings): Answer {
  const text = html`${wrong.map((each) => html`<p>${each}</p>`)}
    <p><a href="${usual}">The page without it</a></p>`;
  return page(noticePage('That is not here', text, around), 400);
}
