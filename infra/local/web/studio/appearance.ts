/**
 * A mail as mail programs show it that are set one way or another: in the dark, or without pictures. Only what the reader's
 * own settings would change is changed.
 */
export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface Appearance {
  readonly scheme: Scheme;
  readonly pictures: boolean;
}

const DARK = /@media\s*\(prefers-color-scheme:\s*dark\)/gu;
const SCHEME_PROPERTY = /color-scheme:\s*light dark/gu;
const SCHEME_META = /(<meta name="(?:supported-)?color-schemes?" content=")light dark"/gu;
const PICTURE = /(<img\b[^>]*?\s)src="[^"]*"/giu;

/** Stands for a picture: the page fetches none from elsewhere, and those of samples are nowhere. */
const STAND_IN = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#b9b2a5"/><circle cx="22" cy="24" r="6" fill="#efe9df"/><path d="M8 52l16-16 10 10 12-14 12 20z" fill="#efe9df"/></svg>',
)}`;

export function withAppearance(html: string, { scheme, pictures }: Appearance): string {
  return html
    .replaceAll(DARK, scheme === 'dark' ? '@media all' : '@media not all')
    .replaceAll(SCHEME_PROPERTY, `color-scheme: ${scheme}`)
    .replaceAll(SCHEME_META, `$1${scheme}"`)
    .replaceAll(PICTURE, pictures ? `$1src="${STAND_IN}"` : '$1');
}
