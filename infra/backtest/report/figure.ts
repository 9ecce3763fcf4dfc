/**
 * A picture with its numbers: drawn once for desk and paper and once for a phone, of which the style shows one, so that
 * text keeps its size and nothing needs a script. The table behind it says the same to whoever does not see it.
 */
import { html, type Html } from '../../../shared/html.ts';

/** In the units of the drawing, which are about the pixels of a screen. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
}

const WIDE_WIDTH = 900;
const NARROW_WIDTH = 343;

export interface Figure {
  /** Of the page, used once. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, for whoever does not. */
  readonly description: string;
  readonly height: { readonly wide: number; readonly narrow: number };
  readonly draw: (size: Size) => Html;
  /** Colours in words, in the order in which they lie in the picture. */
  readonly legend?: readonly { readonly swatch: string; readonly text: string }[];
  /** A table of what is drawn. */
  readonly numbers?: Html;
}

function svg({ id, title, description, draw }: Figure, size: Size): Html {
  const name = `${id}-${size.isNarrow ? 'narrow' : 'wide'}`;
  return html`<svg
    class="${size.isNarrow ? 'narrow' : 'wide'}"
    viewBox="0 0 ${size.width} ${size.height}"
    role="img"
    aria-labelledby="${name}-title ${name}-desc"
  >
    <title id="${name}-title">${title}</title>
    <desc id="${name}-desc">${description}</desc>
    ${draw(size)}
  </svg>`;
}

export function figure(of: Figure): Html {
  const { height, legend = [], numbers } = of;
  return html`<figure>
    ${
      legend.length > 0 &&
      html`<ul class="legend">
        ${legend.map(({ swatch, text }) => html`<li><span class="swatch ${swatch}"></span>${text}</li>`)}
      </ul>`
    }
    ${svg(of, { width: WIDE_WIDTH, height: height.wide, isNarrow: false })}
    ${svg(of, { width: NARROW_WIDTH, height: height.narrow, isNarrow: true })}
    ${
      numbers !== undefined &&
      html`<details>
        <summary>The numbers</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Numbers: ${of.title}">${numbers}</div>
      </details>`
    }
  </figure>`;
}

/** A table of which the first column names the rows. */
export function table(columns: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  return html`<table>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([name, ...cells]) =>
          html`<tr>
            <th scope="row">${name}</th>
            ${cells.map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
