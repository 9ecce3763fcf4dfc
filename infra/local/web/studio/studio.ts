/**
 * The templates pages: which mails there are, how each looks to whom, and their texts to be edited. They write nothing but
 * texts below the content directory, and send nothing but what somebody asks for, into the mailbox of the twin.
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { SesMailer, type SendOutcome } from '../../../../shared/adapters/mailer.ts';
import { SES_TIMEOUT_SECONDS } from '../../../../shared/contracts/timing.ts';
import type { House } from '../../../../shared/email/house.ts';
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { ALL_READERS, fullSample } from '../../../../shared/email/sample.ts';
import { confirmTranslations } from '../../../../shared/email/translations.ts';
import { viewOf } from '../../../../shared/email/view.ts';
import { html } from '../../../../shared/html.ts';
import type { Living } from '../../../../shared/lifecycle/customer/profile.ts';
import { personOf } from '../../../../shared/lifecycle/facts/person.ts';
import type { DeploymentConfig } from '../../../config.ts';
import type { Records } from '../../../records.ts';
import type { Twin } from '../../contract.ts';
import { type Answer, letter, page, plain } from '../answer.ts';
import { readForm } from '../forms.ts';
import type { Surroundings } from '../frame.ts';
import { noticePage } from '../notice-page.ts';
import { mailPath, withQuery } from '../paths.ts';
import { findPeople, type Registered } from '../register.ts';
import { unknownPage, unknownValue } from '../unknown.ts';
import { withAppearance } from './appearance.ts';
import { type Choice, choiceFor } from './choice.ts';
import { coverageOf, type Language, languagesOf, variantsOf } from './coverage.ts';
import { type Draft, Drafts, type Typed } from './drafts.ts';
import { fitting } from './inbox-line.ts';
import { matrixPage, noContentPage } from './matrix-page.ts';
import { fileOf, type Place, sharedFileOf, sourceOf } from './place.ts';
import {
  type Composing,
  NoPreview,
  type Preview,
  previewForCustomer,
  previewForSample,
  wrongWithAddress,
} from './preview.ts';
import { Review } from './review.ts';
import { formOf, queryOf, type Showing, showingOf, showingPath, stepPath, unknownIn } from './showing.ts';
import { type ShownCustomer, stepPage } from './step-page.ts';
import { NotOurFile, NoTexts, readTexts, saveTexts } from './texts-file.ts';
import { textsOf } from './texts-view.ts';
import type { Tree } from './tree.ts';
import { ContentWatch } from './watch.ts';

/** Texts of a mail in a script of three bytes a letter, percent-encoded, many times over. */
const LONGEST_TEXTS = 400_000;
/** Mails of typed texts that can still be asked for. */
const TYPED_KEPT = 40;
const MOST_FOUND = 10;
/** The texts of a mail, and those it shares with others. */
const SAVED = ['own', 'shared'] as const;
/** Characters of what a variable prints for the sample. */
const LONGEST_EXAMPLE = 80;
/** Where a sample goes when nobody says where. */
const SOMEBODY = 'you@example.com';

export interface StudioSettings {
  readonly contentDirectory: string;
  readonly twin: Pick<Twin, 'endpoint' | 'region' | 'now'> & { readonly functionUrls?: ReadonlyMap<string, string> };
  readonly records: Records;
  readonly config: Pick<DeploymentConfig, 'sender' | 'replyTo'>;
  readonly people: () => Promise<readonly Registered[]>;
  readonly around: () => Promise<Surroundings>;
}

type Mail = Pick<Place, 'programme' | 'step'>;

interface Person {
  readonly customer: Living;
  readonly choice: Choice | undefined;
}

interface Shown {
  readonly preview: Preview | undefined;
  readonly why: string | undefined;
  readonly person: Person | undefined;
}

/** What a form about texts says. */
interface Sent extends Typed {
  /** Keys of texts that are older than their source, and said to be right still. */
  readonly current: ReadonlySet<string>;
}

interface Told {
  readonly typed?: Typed;
  readonly conflict?: boolean;
  readonly saved?: (typeof SAVED)[number];
}

export class Studio {
  readonly #settings: StudioSettings;
  readonly #drafts: Drafts;
  readonly #review: Review;
  readonly #composing: Composing;
  readonly #mailer: SesMailer;
  /** By id of the draft, the oldest first. */
  readonly #typed = new Map<string, Draft>();
  readonly watch: ContentWatch;

  constructor(settings: StudioSettings) {
    this.#settings = settings;
    const { contentDirectory, twin, records, config } = settings;
    this.watch = new ContentWatch(contentDirectory);
    this.#drafts = new Drafts(contentDirectory);
    this.#review = new Review(this.#drafts, () => this.watch.tell());
    const { endpoint, region } = twin;
    const client = { endpoint, region, credentials: { accessKeyId: 'pages', secretAccessKey: 'pages' } };
    // Without a configuration set nothing is reported of these mails: they are nobody's.
    this.#mailer = new SesMailer(undefined, SES_TIMEOUT_SECONDS, client);
    const pages = [...(twin.functionUrls ?? [])].find(([name]) => name.endsWith('preferences'));
    this.#composing = {
      store: records.store,
      sender: config.sender,
      replyTo: config.replyTo,
      linkBase: pages?.[1] ?? `${endpoint}/`,
      linkKeys: records.linkKeys,
      addressKey: records.addressKey,
    };
  }

  close(): void {
    this.#review.close();
    this.watch.close();
  }

  /** @param segments of the path, behind `templates` */
  async answer(segments: readonly string[], query: URLSearchParams): Promise<Answer | undefined> {
    const [programme = '', step = '', rest, ...more] = segments;
    if (more.length > 0) return undefined;
    const absent = await this.#unreadable();
    if (absent !== undefined) {
      return page(noContentPage(this.#settings.contentDirectory, absent, await this.#settings.around()), 404);
    }
    if (segments.length === 0) return this.#matrix(query);
    this.#review.giveWay();
    const tree = await this.#drafts.tree();
    if (segments.length < 2 || (rest !== undefined && rest !== 'letter')) return undefined;
    const unknown = await this.#unknown(tree, { programme, step }, query);
    if (unknown.length > 0) {
      if (rest !== undefined) return plain(`${unknown.join('\n')}\n`, 400);
      return unknownPage(unknown, stepPath({ programme, step }), await this.#settings.around());
    }
    const showing = showingOf(programme, step, query);
    if (showing === undefined || !isThere(tree, showing.place)) return undefined;
    if (rest === 'letter') return this.#letter(tree, showing, query.get('draft') ?? '');
    const saved = SAVED.find((kind) => kind === query.get('saved'));
    return this.#step(tree, showing, saved === undefined ? {} : { saved }, query.get('find')?.trim() ?? '');
  }

  /** Does what a form asks. @param segments of the path, behind `templates` */
  async change(
    segments: readonly string[],
    query: URLSearchParams,
    request: IncomingMessage,
  ): Promise<Answer | undefined> {
    const [programme = '', step = '', ...more] = segments;
    if (more.length > 0 || (await this.#unreadable()) !== undefined) return undefined;
    const tree = await this.#drafts.tree();
    const unknown = await this.#unknown(tree, { programme, step }, query);
    if (unknown.length > 0) return plain(`${unknown.join('\n')}\n`, 400);
    const showing = showingOf(programme, step, query);
    if (showing === undefined || !isThere(tree, showing.place)) return undefined;
    this.#review.giveWay();
    const form = await readForm(request, LONGEST_TEXTS);
    if (form === undefined) return plain('expected shorter texts\n', 413);
    switch (form.get('act') ?? '') {
      case 'preview':
        return this.#step(tree, showing, { typed: sentOf(form, showing.place) });
      case 'save':
        return this.#save(tree, showing, sentOf(form, showing.place));
      case 'send':
        return this.#send(tree, showing, form);
      default:
        return plain('act: expected preview, save or send\n', 400);
    }
  }

  /** What an address of a mail names that there is not. */
  async #unknown(tree: Tree, at: Mail, query: URLSearchParams): Promise<readonly string[]> {
    if (!isThere(tree, at)) return [];
    const { house } = await this.#drafts.house(tree);
    const variants = variantsOf(tree, at.programme, at.step).filter((variant) => variant !== undefined);
    const locales = this.#languages(tree, house).map(({ locale }) => locale);
    return unknownIn(query, { locales, variants, readers: ALL_READERS.map(({ id }) => id) });
  }

  /** Those of the shop; where nobody can say which these are, those that something is written in. */
  #languages(tree: Tree, house: House | undefined): readonly Language[] {
    return languagesOf(tree, house?.carried.shop.locales ?? [FALLBACK_LOCALE]);
  }

  /** Why the content cannot be read; undefined when it can. */
  async #unreadable(): Promise<string | undefined> {
    try {
      await access(this.#settings.contentDirectory, constants.R_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #matrix(query: URLSearchParams): Promise<Answer> {
    const { contentDirectory, around } = this.#settings;
    const tree = await this.#drafts.tree();
    const { house, findings } = await this.#drafts.house(tree);
    const about = findings.problems.map((each) => ({ ...each, severity: 'error' as const, rule: 'compiling' }));
    if (house === undefined) {
      const coverage = { languages: [], programmes: [], rows: [] };
      return page(matrixPage({ contentDirectory, coverage, programme: undefined, findings: about }, await around()));
    }
    const translated = languagesOf(tree, house.carried.shop.locales).filter(({ locale }) => locale !== FALLBACK_LOCALE);
    const older = await Promise.all(translated.map(({ locale }) => this.#drafts.translations(tree, locale)));
    const coverage = coverageOf(tree, house, older.flat(), (place) => this.#review.countOf(place));
    const written = coverage.rows.flatMap(({ cells }) => cells.filter(({ state }) => state !== 'missing'));
    const order = new Map(coverage.languages.map(({ locale }, index) => [locale, index]));
    const rank = ({ locale }: Place) => order.get(locale) ?? 0;
    this.#review.want(written.map(({ place }) => place).toSorted((a, b) => rank(a) - rank(b)));
    const wanted = query.get('programme');
    const unknown = unknownValue('programme', wanted, coverage.programmes);
    if (unknown !== undefined) return unknownPage([unknown], '/templates', await around());
    const programme = coverage.programmes.find((each) => each === wanted);
    return page(matrixPage({ contentDirectory, coverage, programme, findings: about }, await around()));
  }

  async #letter(tree: Tree, showing: Showing, draftId: string): Promise<Answer> {
    const draft = this.#typed.get(draftId) ?? (await this.#drafts.draft(tree, showing.place));
    const { preview, why } = await this.#shown(showing, draft);
    return preview === undefined ? plain(`${why}\n`, 409) : letter(withAppearance(preview.html, showing));
  }

  async #step(tree: Tree, showing: Showing, told: Told, search = ''): Promise<Answer> {
    const { contentDirectory, around, people } = this.#settings;
    const { place } = showing;
    const { typed, conflict = false, saved } = told;
    const draft = await this.#drafts.draft(tree, place, typed);
    if (typed === undefined) this.#review.saw(draft, this.#drafts.stamp(tree, place));
    else this.#keep(draft);
    const { preview, why, person } = await this.#shown(showing, draft);
    const locales = this.#languages(tree, draft.house);
    const view = {
      showing,
      draft,
      contentDirectory,
      languages: locales.map((each) => ({ ...each, written: tree.has(fileOf({ ...place, locale: each.locale })) })),
      variants: variantsOf(tree, place.programme, place.step, draft.step?.placed.step.variants),
      preview,
      why,
      samples: ALL_READERS,
      customer: shownCustomer(showing, person),
      search,
      found: search === '' ? [] : findPeople(await people(), search).slice(0, MOST_FOUND),
      forms: await textsOf(this.#drafts, draft, typed, conflict),
      variables: variablesOf(draft),
      conflict,
      saved,
      unsaved: typed !== undefined,
      readOnly: await this.#readOnly(),
    };
    return page(stepPage(view, await around()), conflict ? 409 : 200);
  }

  /** The mail of a draft for the reader that is chosen, or why there is none. */
  async #shown(showing: Showing, draft: Draft): Promise<Shown> {
    const person = await this.#person(showing, draft);
    try {
      return { preview: await this.#preview(showing, draft, person), why: undefined, person };
    } catch (error) {
      if (!(error instanceof NoPreview)) throw error;
      return { preview: undefined, why: error.message, person };
    }
  }

  async #person({ reader }: Showing, { house, step }: Draft): Promise<Person | undefined> {
    if (reader.kind === 'sample') return undefined;
    const { records, twin } = this.#settings;
    const profile = await records.store.load(reader.customerId);
    if (profile?.kind !== 'living') return undefined;
    const ledger = await records.store.readLedger(reader.customerId);
    const choice = house && step && choiceFor(profile, ledger, step.placed, house.playbook, twin.now());
    return { customer: profile, choice };
  }

  async #preview(showing: Showing, draft: Draft, person: Person | undefined): Promise<Preview> {
    const { reader } = showing;
    if (reader.kind === 'sample') {
      const sample = ALL_READERS.find(({ id }) => id === reader.id);
      if (sample === undefined) throw new NoPreview(`There is no sample reader “${reader.id}”.`);
      return previewForSample(draft, sample, formOf(showing), this.#composing);
    }
    if (person === undefined) throw new NoPreview(`Nobody with the id “${reader.customerId}” is a customer.`);
    if (person.choice === undefined) throw new NoPreview('It does not compile; see what is wrong.');
    return previewForCustomer(draft, person.customer, person.choice, this.#composing, this.#settings.twin.now());
  }

  /** Remembers what is typed for as long as its preview may be asked for. */
  #keep(draft: Draft): void {
    this.#typed.delete(draft.id);
    this.#typed.set(draft.id, draft);
    const [oldest] = this.#typed.keys();
    if (this.#typed.size > TYPED_KEPT && oldest !== undefined) this.#typed.delete(oldest);
  }

  async #readOnly(): Promise<string | undefined> {
    const { contentDirectory } = this.#settings;
    try {
      await access(contentDirectory, constants.W_OK);
      return undefined;
    } catch {
      return `${contentDirectory} cannot be written to.`;
    }
  }

  async #save(tree: Tree, showing: Showing, sent: Sent): Promise<Answer> {
    const { contentDirectory } = this.#settings;
    const { file, texts, seen, current } = sent;
    const { place } = showing;
    try {
      const order = await orderOf(contentDirectory, place, file);
      const saved = await saveTexts(contentDirectory, file, texts, seen, order);
      if (saved.kind === 'overtaken') return await this.#step(tree, showing, { typed: sent, conflict: true });
      const settled = new Set([...saved.changed, ...current]);
      if (place.locale !== FALLBACK_LOCALE && settled.size > 0) {
        await confirmTranslations(
          contentDirectory,
          place.locale,
          (each) => each.file === file && settled.has(each.key),
        );
      }
      this.watch.tell();
      return { ...plain('Saved\n', 303), headers: { location: savedPath(showing, sent) } };
    } catch (error) {
      if (!(error instanceof NotOurFile || error instanceof NoTexts || isNotWritable(error))) throw error;
      return plain(`${file} was not saved: ${error.message}\n`, 400);
    }
  }

  async #send(tree: Tree, showing: Showing, form: URLSearchParams): Promise<Answer> {
    const to = form.get('to')?.trim() ?? SOMEBODY;
    const typed = this.#typed.get(form.get('draft') ?? '');
    const draft = typed ?? (await this.#drafts.draft(tree, showing.place));
    const { preview, why } = await this.#shown(showing, draft);
    const wrong = why ?? (await wrongWithAddress(to));
    if (preview === undefined || wrong !== undefined) return this.#notSent(showing, wrong ?? '');
    const outcome = await this.#mailer.send(await preview.outgoing(to));
    if (outcome.kind !== 'accepted') return this.#notSent(showing, refusalOf(outcome));
    return { ...plain('Sent\n', 303), headers: { location: mailPath(outcome.messageId) } };
  }

  async #notSent(showing: Showing, why: string): Promise<Answer> {
    const text = html`<p>${why}</p>
      <p><a href="${showingPath(showing)}">Back to the mail</a></p>`;
    return page(noticePage('It was not sent', text, await this.#settings.around()), 400);
  }
}

/** Back to where somebody pressed the button, so that the page does not jump. */
function savedPath(showing: Showing, { file }: Sent): string {
  const kind = file === fileOf(showing.place) ? 'own' : 'shared';
  return `${withQuery(stepPath(showing.place), { ...queryOf(showing), saved: kind })}#saved-${kind}`;
}

function isNotWritable(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EROFS');
}

function isThere(tree: Tree, { programme, step }: Mail): boolean {
  const directory = `templates/${programme}/${step}/`;
  return [...tree.keys()].some((file) => file.startsWith(directory));
}

const KEY = /^text\.(?<key>[a-z][A-Za-z0-9]*)$/u;
const CURRENT = /^current\.(?<key>[a-z][A-Za-z0-9]*)$/u;

/** The texts a form has, each in one line as it is kept. */
function sentOf(form: URLSearchParams, place: Place): Sent {
  const texts = new Map<string, string>();
  const current = new Set<string>();
  for (const [name, value] of form) {
    const key = KEY.exec(name)?.groups?.['key'];
    if (key !== undefined) texts.set(key, value.replaceAll(/\s*\r?\n\s*/gu, ' ').trim());
    const confirmed = CURRENT.exec(name)?.groups?.['key'];
    if (confirmed !== undefined) current.add(confirmed);
  }
  const file = form.get('kind') === 'shared' ? sharedFileOf(place.locale) : fileOf(place);
  return { file, texts, current, seen: form.get('seen') ?? '' };
}

/** The order of the English texts, which that of every other language follows. */
async function orderOf(contentDirectory: string, place: Place, file: string): Promise<readonly string[]> {
  const english = sourceOf(place);
  const source = file === fileOf(place) ? fileOf({ ...english, variant: undefined }) : sharedFileOf(FALLBACK_LOCALE);
  return [...(await readTexts(contentDirectory, source)).texts.keys()];
}

function shownCustomer({ reader }: Showing, person: Person | undefined): ShownCustomer | undefined {
  if (reader.kind === 'sample') return undefined;
  const { name, email } = person === undefined ? {} : personOf(person.customer.facts.person);
  return { customerId: reader.customerId, name, email, origin: person?.choice?.origin };
}

/** What texts can print, each with what it is for the sample reader. */
function variablesOf({ house, step, place }: Draft): readonly (readonly [string, string])[] {
  if (house === undefined) return [];
  const leaves = (value: unknown, path: string): (readonly [string, string])[] => {
    // Loops belong into layouts.
    if (Array.isArray(value)) return [[`${path}.size`, String(value.length)]];
    if (typeof value === 'object' && value !== null) {
      return Object.entries(value).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`));
    }
    if (typeof value === 'boolean') return [[path, value ? 'true' : 'false']];
    return typeof value === 'string' ? [[path, fitting(value, LONGEST_EXAMPLE).shown]] : [];
  };
  return leaves(viewOf(fullSample(house.carried, step?.placed, place.locale), place.locale), '');
}

function refusalOf(outcome: Exclude<SendOutcome, { readonly kind: 'accepted' }>): string {
  switch (outcome.kind) {
    case 'rejected':
      return `SES refused it: ${outcome.code}.`;
    case 'not now':
      return `SES does not take it now (${outcome.why}).`;
    case 'unknown':
      return 'Nobody can say whether SES took it; look into the mailbox.';
    default:
      return outcome satisfies never;
  }
}
