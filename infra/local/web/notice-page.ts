/** A page that says one thing: not found, or not working. */
import { frame, type Surroundings } from './frame.ts';
import { html, type Part } from '../../../shared/html.ts';

export function noticePage(title: string, text: Part, around: Surroundings): string {
  return frame(
    title,
    undefined,
    around,
    html`<h1>${title}</h1>
      <div class="empty">${text}</div>`,
  );
}
