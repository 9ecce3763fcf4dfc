/** Contrast of two colours as WCAG 2 defines it, so that a palette nobody can read is refused before it is sent. */

/** WCAG 2.2, success criterion 1.4.3 (level AA), text of normal size. */
export const AA_CONTRAST = 4.5;
/** The same for text of 18 points, or of 14 in bold. */
export const AA_LARGE_CONTRAST = 3;

/** Relative luminance of `#rrggbb`, 0 to 1 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance). */
function luminance(colour: string): number {
  const channel = (at: number): number => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** Contrast ratio of two `#rrggbb` colours, 1 to 21, whichever is lighter. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
