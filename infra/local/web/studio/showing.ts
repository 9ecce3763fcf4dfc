/** What a page of a mail shows: which mail, to whom, in which form, and how; all of it stands in the address. */
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import type { Form } from '../../../../shared/email/view.ts';
import { withQuery } from '../paths.ts';
import { unknownValue } from '../unknown.ts';
import { type Scheme, SCHEMES } from './appearance.ts';
import { type Place, placeOf } from './place.ts';

export const WAYS = [
  { way: 'full', name: 'In full', form: { brief: false, reasons: false } },
  { way: 'reasons', name: 'With the reasons', form: { brief: false, reasons: true } },
  { way: 'brief', name: 'In brief', form: { brief: true, reasons: false } },
  { way: 'both', name: 'In brief, with the reasons', form: { brief: true, reasons: true } },
] as const satisfies readonly { readonly way: string; readonly name: string; readonly form: Form }[];
type Way = (typeof WAYS)[number]['way'];

export const SCREENS = [
  { screen: 'desktop', name: 'Desktop' },
  { screen: 'phone', name: 'Phone' },
  { screen: 'text', name: 'Text part' },
] as const;
type Screen = (typeof SCREENS)[number]['screen'];

/** The reader as the address names them. */
export type Reader =
  { readonly kind: 'sample'; readonly id: string } | { readonly kind: 'customer'; readonly customerId: string };

const CUSTOMER = 'customer:';

export interface Showing {
  readonly place: Place;
  readonly reader: Reader;
  readonly way: Way;
  readonly screen: Screen;
  readonly scheme: Scheme;
  readonly pictures: boolean;
}

const DEFAULT = { reader: { kind: 'sample', id: 'known' }, way: 'full', screen: 'desktop' } as const;

function readerOf(text: string | null): Reader {
  if (text === null || text === '') return DEFAULT.reader;
  return text.startsWith(CUSTOMER)
    ? { kind: 'customer', customerId: text.slice(CUSTOMER.length) }
    : { kind: 'sample', id: text };
}

export function readerName(reader: Reader): string {
  return reader.kind === 'sample' ? reader.id : `${CUSTOMER}${reader.customerId}`;
}

/** Undefined for an address that cannot be that of a mail. What it does not name is as usual. */
export function showingOf(programme: string, step: string, query: URLSearchParams): Showing | undefined {
  const place = placeOf(programme, step, query.get('locale'), query.get('variant'));
  return (
    place && {
      place,
      reader: readerOf(query.get('reader')),
      way: WAYS.find(({ way }) => way === query.get('form'))?.way ?? DEFAULT.way,
      screen: SCREENS.find(({ screen }) => screen === query.get('view'))?.screen ?? DEFAULT.screen,
      scheme: SCHEMES.find((scheme) => scheme === query.get('scheme')) ?? 'light',
      pictures: query.get('pictures') !== 'off',
    }
  );
}

/** What addresses of one mail can name, beside its readers among the customers. */
interface Named {
  readonly locales: readonly string[];
  readonly variants: readonly string[];
  readonly readers: readonly string[];
}

/** What an address names that there is not: replaced by something else, one mail would be taken for another. */
export function unknownIn(query: URLSearchParams, { locales, variants, readers }: Named): readonly string[] {
  const named = {
    locale: locales,
    variant: variants,
    reader: readers,
    form: WAYS.map(({ way }) => way),
    view: SCREENS.map(({ screen }) => screen),
    scheme: SCHEMES,
    pictures: ['off'],
  };
  return Object.entries(named).flatMap(([name, known]) => {
    const value = query.get(name) ?? '';
    if (name === 'reader' && value.startsWith(CUSTOMER)) return [];
    const wrong = unknownValue(name, value, known);
    return wrong === undefined ? [] : [name === 'reader' ? `${wrong}, or ${CUSTOMER} and an id` : wrong];
  });
}

export function formOf({ way }: Showing): Form {
  return WAYS.find((each) => each.way === way)?.form ?? WAYS[0].form;
}

export function stepPath({ programme, step }: Pick<Place, 'programme' | 'step'>): string {
  return `/templates/${programme}/${step}`;
}

/** What is as usual is left out of addresses. */
export function queryOf({ place, reader, way, screen, scheme, pictures }: Showing) {
  const named = readerName(reader);
  return {
    locale: place.locale === FALLBACK_LOCALE ? undefined : place.locale,
    variant: place.variant,
    reader: named === readerName(DEFAULT.reader) ? undefined : named,
    form: way === DEFAULT.way ? undefined : way,
    view: screen === DEFAULT.screen ? undefined : screen,
    scheme: scheme === 'light' ? undefined : scheme,
    pictures: pictures ? undefined : 'off',
  };
}

/** The address of what is shown, or of it with something else in place. */
export function showingPath(showing: Showing, change: Partial<Showing> = {}): string {
  const next = { ...showing, ...change };
  return withQuery(stepPath(next.place), queryOf(next));
}

/** The address of the mail itself, as the frame of the page loads it. */
export function letterPath(showing: Showing, draftId: string): string {
  return withQuery(`${stepPath(showing.place)}/letter`, { ...queryOf(showing), draft: draftId });
}

/** The page of a mail as the matrix leads to it. */
export function placePath(place: Place): string {
  return withQuery(stepPath(place), {
    locale: place.locale === FALLBACK_LOCALE ? undefined : place.locale,
    variant: place.variant,
  });
}
