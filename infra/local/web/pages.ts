/**
 * The pages of the local twin: mailbox, customers, refused events, rendered on the server. They know the twin by its
 * contract and the customers through DynamoDB's own protocol, as any other client would. They change nothing but what an
 * operator may: pauses, how SES behaves, and what a person has taken care of.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Holdout } from '../../../shared/lifecycle/customer/permit.ts';
import type { Setting } from '../../../shared/lifecycle/explain/dossier.ts';
import { messageLines } from '../../../shared/lifecycle/explain/message-lines.ts';
import { storyOf } from '../../../shared/lifecycle/explain/story.ts';
import type { Playbook } from '../../../shared/lifecycle/playbook.ts';
import { parsePlaybook } from '../../../shared/lifecycle/playbook/parse-playbook.ts';
import { DynamoDBCensus } from '../../../shared/adapters/dynamodb-census.ts';
import { openAttention } from '../../../shared/lifecycle/customer/attention.ts';
import { stageConfig } from '../../config.ts';
import { openRecords, type Records, readDossier } from '../../records.ts';
import type { AcceptedMail, Twin } from '../contract.ts';
import { PortInUse } from '../errors.ts';
import type { Played } from '../player/play.ts';
import { alarmsPage, runbookPage } from './alarms-page.ts';
import { type Answer, json, letter, page, plain, write } from './answer.ts';
import { CampaignDesk } from './campaign-desk.ts';
import { streamChanges } from './changes.ts';
import { customerPage } from './customer-page.ts';
import { dashboardsPage } from './dashboards-page.ts';
import { customersPage, stageNamed } from './customers-page.ts';
import { isFromOurPages, readForm } from './forms.ts';
import { pastInWords, type Surroundings } from './frame.ts';
import { html, type Part } from '../../../shared/html.ts';
import { Helpdesk } from './helpdesk.ts';
import { LaneControl } from './lane-control.ts';
import { Heads, readLetter, readerLinks } from './letter.ts';
import { mailPage, tabOf } from './mail-page.ts';
import { jsonOf, mailRow } from './mail-row.ts';
import { noticePage } from './notice-page.ts';
import { overviewPage } from './overview-page.ts';
import { pageOf } from './paging.ts';
import { playbookPage, unknownSomebody } from './playbook/playbook-page.ts';
import { readPlaybookView } from './playbook/reading.ts';
import { labelOf, Postbox } from './postbox.ts';
import { refusedPage } from './refused-page.ts';
import { refusedView } from './refused.ts';
import { articleOf } from './runbook.ts';
import { customerPath } from './paths.ts';
import type { ReleaseDesk } from './releases/release-desk.ts';
import { STAGES } from '../../../shared/lifecycle/stage.ts';
import { changeTrouble, type Troublesome } from './trouble-panel.ts';
import { findPeople, perStage, Register, registeredOf } from './register.ts';
import type { Studio } from './studio/studio.ts';
import { unknownPage, unknownValue } from './unknown.ts';
import { streamEdits } from './studio/watch.ts';

const HOST = '127.0.0.1';
const CONTENT_DIRECTORY = join(import.meta.dirname, '../../../shared/content');
const PLAYBOOK_FILE = join(CONTENT_DIRECTORY, 'playbook.json');
const MOST_PER_MAILBOX_BATCH = 200;

/** What the pages show; where its SES can be told to misbehave, they have a control for that. */
type ShownTwin = Twin & { readonly ses?: Troublesome; readonly functionUrls?: ReadonlyMap<string, string> };

export interface Pages {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  close(): Promise<void>;
}

export interface PagesOptions {
  /** The playbook the twin's functions carry, by which the pages explain stages and what comes next. */
  readonly playbookFile?: string | undefined;
  /** The holdout group of the deployment. */
  readonly holdout?: Holdout | undefined;
  /** What marketers edit on the pages. */
  readonly contentDirectory?: string | undefined;
  /** How far the twin has come with its past; undefined once that is played. Until then nothing can be changed here. */
  readonly past?: () => Played | undefined;
}

/**
 * Opens the pages.
 *
 * @param port 0 takes any free port
 * @throws PortInUse when another process has the port
 * @throws InvalidPlaybook
 */
export async function startPages(
  twin: ShownTwin,
  port: number,
  {
    playbookFile = PLAYBOOK_FILE,
    holdout,
    contentDirectory = CONTENT_DIRECTORY,
    past = () => undefined,
  }: PagesOptions = {},
): Promise<Pages> {
  const playbook = parsePlaybook(JSON.parse(readFileSync(playbookFile, 'utf8')));
  const { endpoint, region, tableName } = twin;
  const credentials = { accessKeyId: 'pages', secretAccessKey: 'pages' };
  const records = openRecords({ endpoint, region, credentials }, tableName);
  const site = new Site(twin, playbook, records, holdout, contentDirectory, past);
  const server = createServer((request, response) => void site.serve(request, response));
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      // Open event streams would keep it from ever closing.
      server.closeAllConnections();
    });
    site.close();
    records.close();
  };
  try {
    return { url: `http://${HOST}:${await listen(server, port)}`, close };
  } catch (error) {
    site.close();
    records.close();
    throw error;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port, error) : error),
    );
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

const ASSETS: ReadonlyMap<string, { readonly file: string; readonly type: string }> = new Map([
  ['base.css', { file: 'base.css', type: 'text/css; charset=utf-8' }],
  ['style.css', { file: 'style.css', type: 'text/css; charset=utf-8' }],
  ['studio.css', { file: 'studio.css', type: 'text/css; charset=utf-8' }],
  ['studio.js', { file: 'studio.js', type: 'text/javascript; charset=utf-8' }],
  ['playbook.css', { file: 'playbook.css', type: 'text/css; charset=utf-8' }],
  ['census.css', { file: 'census.css', type: 'text/css; charset=utf-8' }],
  ['campaigns.css', { file: 'campaigns.css', type: 'text/css; charset=utf-8' }],
  ['alarms.css', { file: 'alarms.css', type: 'text/css; charset=utf-8' }],
  ['dashboards.css', { file: 'dashboards.css', type: 'text/css; charset=utf-8' }],
  ['releases.css', { file: 'releases.css', type: 'text/css; charset=utf-8' }],
  ['releases.js', { file: 'releases.js', type: 'text/javascript; charset=utf-8' }],
  ['live.js', { file: 'live.js', type: 'text/javascript; charset=utf-8' }],
  ['favicon.svg', { file: 'favicon.svg', type: 'image/svg+xml' }],
]);

/** A name that another site points at this machine must not read people's mail: only these hosts are answered. */
const OWN_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u;

/** What the pages can be told to do. */
const FORMS = ['/lane', '/ses', '/attention'] as const;
type Form = (typeof FORMS)[number];

class Site {
  readonly #twin: ShownTwin;
  readonly #playbook: Playbook;
  readonly #records: Records;
  readonly #holdout: Holdout | undefined;
  readonly #lane: LaneControl;
  readonly #helpdesk: Helpdesk;
  readonly #census: DynamoDBCensus;
  readonly #register: Register;
  readonly #postbox: Postbox;
  readonly #heads = new Heads();
  readonly #contentDirectory: string;
  readonly #past: () => Played | undefined;
  #studio: Promise<Studio> | undefined;
  #desk: CampaignDesk | undefined;
  #releases: Promise<ReleaseDesk> | undefined;

  constructor(
    twin: ShownTwin,
    playbook: Playbook,
    records: Records,
    holdout: Holdout | undefined,
    contentDirectory: string,
    past: () => Played | undefined,
  ) {
    this.#twin = twin;
    this.#playbook = playbook;
    this.#records = records;
    this.#holdout = holdout;
    this.#lane = new LaneControl(records.lanes, playbook, () => twin.now());
    this.#helpdesk = new Helpdesk(twin, records.store);
    this.#census = new DynamoDBCensus(records.client, records.tableName);
    this.#register = new Register(records.client, twin, playbook.stages);
    this.#postbox = new Postbox(twin.mailbox);
    this.#contentDirectory = contentDirectory;
    this.#past = past;
  }

  close(): void {
    this.#register.close();
    this.#helpdesk.close();
    this.#desk?.close();
    void this.#releases?.then((desk) => desk.close());
    void this.#studio?.then((studio) => studio.close());
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/su);
    if (!OWN_HOST.test(headers.host ?? '')) return write(response, plain('Not for this host\n', 421), true);
    const past = this.#past();
    // What is changed half-way through a past would make it another one.
    if (method === 'POST' && past !== undefined) return write(response, plain(`${pastInWords(past)}\n`, 409), true);
    const form = FORMS.find((each) => each === path);
    if (method === 'POST' && form !== undefined) return write(response, await this.#change(form, request), true);
    if (method === 'POST' && path === '/campaigns') {
      return write(response, await this.#answered(path, () => this.#openDesk().change(request)), true);
    }
    if (method === 'POST' && path === '/releases') {
      const change = async () => (await this.#openReleases()).change(request);
      return write(response, await this.#answered(path, change), true);
    }
    if (method === 'POST' && path.startsWith('/templates/')) {
      return write(response, await this.#edit(path, new URLSearchParams(query), request), true);
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return write(response, { ...plain('Read only\n', 405), headers: { allow: 'GET, HEAD' } }, true);
    }
    if (path === '/changes' && method === 'GET') return streamChanges(response, this.#twin);
    if (path === '/templates/changes' && method === 'GET') {
      return streamEdits(response, (await this.#openStudio()).watch);
    }
    write(response, await this.#answer(path, new URLSearchParams(query)), method === 'GET');
  }

  async #answer(path: string, query: URLSearchParams): Promise<Answer> {
    return this.#answered(path, async ([place = '', ...rest]) =>
      place === 'templates' ? (await this.#openStudio()).answer(rest, query) : this.#route([place, ...rest], query),
    );
  }

  async #edit(path: string, query: URLSearchParams, request: IncomingMessage): Promise<Answer> {
    if (!isFromOurPages(request.headers)) return plain('Only for forms of these pages\n', 403);
    return this.#answered(path, async ([, ...rest]) => (await this.#openStudio()).change(rest, query, request));
  }

  #openDesk(): CampaignDesk {
    this.#desk ??= new CampaignDesk({
      twin: this.#twin,
      records: this.#records,
      playbook: this.#playbook,
      contentDirectory: this.#contentDirectory,
      around: () => this.#around(),
    });
    return this.#desk;
  }

  #openReleases(): Promise<ReleaseDesk> {
    this.#releases ??= import('./releases/release-desk.ts').then(
      ({ ReleaseDesk: Opened }) =>
        new Opened({
          twin: this.#twin,
          records: this.#records,
          contentDirectory: this.#contentDirectory,
          around: () => this.#around(),
        }),
    );
    return this.#releases;
  }

  /** Opened when it is first asked for: what compiles templates takes a second to load. */
  #openStudio(): Promise<Studio> {
    this.#studio ??= import('./studio/studio.ts').then(
      ({ Studio: Opened }) =>
        new Opened({
          contentDirectory: this.#contentDirectory,
          twin: this.#twin,
          records: this.#records,
          config: stageConfig('local'),
          people: () => this.#register.people(),
          around: () => this.#around(),
        }),
    );
    return this.#studio;
  }

  /** What is there for a path; a page that says so where there is nothing, and what happened where that failed. */
  async #answered(path: string, find: (segments: readonly string[]) => Promise<Answer | undefined>): Promise<Answer> {
    try {
      const segments = segmentsOf(path);
      const found = segments === undefined ? undefined : await find(segments);
      return (
        found ??
        (await this.#notice(404, 'Not found', html`<p>There is no page here. <a href="/">To the mailbox</a></p>`))
      );
    } catch (error) {
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const text = html`<p>This page could not be made.</p>
        <pre tabindex="0">${trace}</pre>`;
      return page(noticePage('Something failed', text, this.#withoutLane()), 500);
    }
  }

  async #change(path: Form, request: IncomingMessage): Promise<Answer> {
    if (!isFromOurPages(request.headers)) return plain('Only for forms of these pages\n', 403);
    const form = await readForm(request);
    const refusal = form === undefined ? 'expected a short form' : await this.#obey(path, form);
    if (refusal !== undefined) return plain(`${refusal}\n`, 400);
    const location = form?.get('from') === 'customer' ? customerPath(form.get('customer') ?? '') : '/';
    return { ...plain('Done\n', 303), headers: { location } };
  }

  /** Undefined when it is done, else what is wrong with the form. */
  async #obey(path: Form, form: URLSearchParams): Promise<string | undefined> {
    const { ses } = this.#twin;
    switch (path) {
      case '/lane':
        return this.#lane.change(form);
      case '/attention':
        return this.#helpdesk.handled(form);
      case '/ses':
        return ses === undefined ? 'this SES cannot be told to misbehave' : changeTrouble(ses, form);
      default:
        return path satisfies never;
    }
  }

  async #notice(status: number, title: string, text: Part): Promise<Answer> {
    return page(noticePage(title, text, await this.#around()), status);
  }

  async #route(
    [place = '', id, rest, ...more]: readonly string[],
    query: URLSearchParams,
  ): Promise<Answer | undefined> {
    if (more.length > 0 || (rest !== undefined && (place !== 'mail' || rest !== 'body'))) return undefined;
    switch (place) {
      case '':
        return id === undefined ? this.#overview(query) : undefined;
      case 'mail':
        if (id === undefined) return undefined;
        return rest === undefined ? this.#mail(id, query) : this.#letter(id);
      case 'mailbox.json':
        return id === undefined ? this.#mailbox(query) : undefined;
      case 'mailbox':
        return id?.endsWith('.eml') === true ? this.#raw(id.slice(0, -'.eml'.length)) : undefined;
      case 'customers': {
        const customerId = id ?? query.get('id') ?? undefined;
        return customerId === undefined ? this.#customers(query) : this.#customer(customerId);
      }
      case 'refused':
        return id === undefined ? this.#refused(query) : this.#original(id);
      case 'campaigns':
        return this.#openDesk().answer(id === undefined ? [] : [id], query);
      case 'releases':
        return (await this.#openReleases()).answer(id === undefined ? [] : [id], query);
      case 'alarms':
        return id === undefined ? page(alarmsPage(this.#twin.monitoring.alarms, await this.#around())) : undefined;
      case 'dashboards':
        return id === undefined ? this.#showDashboards() : undefined;
      case 'runbook':
        return id === undefined ? undefined : this.#article(id);
      case 'playbook':
        return id === undefined ? this.#showPlaybook(query) : undefined;
      case 'health':
        return id === undefined ? this.#health() : undefined;
      default: {
        const asset = ASSETS.get(place);
        if (asset === undefined || id !== undefined) return undefined;
        return { status: 200, type: asset.type, body: readFileSync(join(import.meta.dirname, 'assets', asset.file)) };
      }
    }
  }

  async #showDashboards(): Promise<Answer> {
    const { dashboards, alarms } = this.#twin.monitoring;
    return page(dashboardsPage(dashboards, alarms, await this.#around()));
  }

  async #showPlaybook(query: URLSearchParams): Promise<Answer> {
    const [view, around] = await Promise.all([readPlaybookView(this.#contentDirectory, query), this.#around()]);
    const unknown = unknownSomebody(query, view.playbook);
    return unknown.length > 0 ? unknownPage(unknown, '/playbook', around) : page(playbookPage(view, around));
  }

  async #around(): Promise<Surroundings> {
    return { ...this.#withoutLane(), lane: await this.#lane.read() };
  }

  /** For the page that says what failed: reading the lane may fail, too. */
  #withoutLane(): Surroundings {
    const { endpoint, region, busName, tableName } = this.#twin;
    const alarms = this.#twin.monitoring.alarms.filter(({ state }) => state === 'ALARM').length;
    const deadLetters = this.#countDeadLetters();
    const past = this.#past();
    return { now: this.#twin.now(), endpoint, region, busName, tableName, deadLetters, alarms, ...(past && { past }) };
  }

  #countDeadLetters(): number {
    return this.#deadLetterQueues().reduce((sum, { visible }) => sum + visible, 0);
  }

  #setting(): Setting {
    const holdout = this.#holdout;
    return { playbook: this.#playbook, now: this.#twin.now(), ...(holdout && { holdout }) };
  }

  #deadLetterQueues() {
    return this.#twin.queues().filter(({ deadLetter }) => deadLetter);
  }

  async #overview(query: URLSearchParams): Promise<Answer> {
    const search = query.get('to')?.trim() ?? '';
    const found = pageOf(this.#postbox.newestFirst(search), query.get('page'));
    const items = await this.#rows(found.items);
    const [people, census] = await Promise.all([this.#register.people(), this.#census.read()]);
    const view = {
      stages: perStage(people),
      asked: people.flatMap(({ customerId, attention }) => attention.map((each) => ({ customerId, attention: each }))),
      figures: census?.figures,
      programmes: this.#postbox.perProgramme(),
      queues: this.#twin.queues(),
      mails: this.#postbox.size,
      page: { ...found, items },
      search,
      pausable: this.#playbook.programmes.map(({ id }) => id),
      ses: this.#twin.ses,
    };
    return page(overviewPage(view, await this.#around()));
  }

  #rows(mails: readonly AcceptedMail[]) {
    return Promise.all(mails.map((mail) => mailRow(mail, this.#heads)));
  }

  async #mailbox(query: URLSearchParams): Promise<Answer> {
    const other = [...query.keys()].find((name) => name !== 'to');
    if (other !== undefined) return { ...json({ error: `${other}: expected no parameter but "to"` }), status: 400 };
    const mails = this.#postbox.newestFirst(query.get('to') ?? '');
    const listed: unknown[] = [];
    // In batches: ten thousand raw messages at once would not fit into memory.
    for (let start = 0; start < mails.length; start += MOST_PER_MAILBOX_BATCH) {
      const rows = await this.#rows(mails.slice(start, start + MOST_PER_MAILBOX_BATCH));
      listed.push(...rows.map(jsonOf));
    }
    return json(listed);
  }

  async #mail(id: string, query: URLSearchParams): Promise<Answer | undefined> {
    const mail = this.#postbox.find(id);
    if (mail === undefined) return undefined;
    const [row, read] = await Promise.all([mailRow(mail, this.#heads), readLetter(mail)]);
    const line = await this.#lineOf(mail);
    const view = { row, letter: read, tab: tabOf(query.get('view'), read), line, links: readerLinks(read) };
    return page(mailPage(view, await this.#around()));
  }

  async #lineOf(mail: AcceptedMail) {
    const { customer, key } = labelOf(mail);
    if (customer === undefined || customer === '' || key === undefined) return undefined;
    const dossier = await readDossier(this.#records, customer);
    if (dossier === undefined || dossier.profile.kind === 'erased') return undefined;
    const { profile, ...rest } = dossier;
    return messageLines({ profile, ...rest }, this.#setting()).find((line) => line.key === key);
  }

  async #letter(id: string): Promise<Answer | undefined> {
    const mail = this.#postbox.find(id);
    const read = mail && (await readLetter(mail));
    return read?.html === undefined ? undefined : letter(read.html);
  }

  #raw(id: string): Answer | undefined {
    const mail = this.#postbox.find(id);
    return mail && { status: 200, type: 'message/rfc822', body: mail.raw };
  }

  async #customers(query: URLSearchParams): Promise<Answer> {
    const search = query.get('q')?.trim() ?? '';
    const unknown = unknownValue('stage', query.get('stage'), STAGES);
    if (unknown !== undefined) return unknownPage([unknown], '/customers', await this.#around());
    const stage = stageNamed(query.get('stage'));
    const people = await this.#register.people();
    const matching = findPeople(people, search, stage);
    // Somebody who arrived this very second is found by the whole id.
    const exact = search !== '' && matching.length === 0 ? await this.#records.store.load(search) : undefined;
    const arrived =
      exact && stage === undefined ? registeredOf(exact, this.#playbook.stages, this.#twin.now()) : undefined;
    const found = pageOf(arrived === undefined ? matching : [arrived], query.get('page'));
    return page(customersPage({ stages: perStage(people), page: found, search, stage }, await this.#around()));
  }

  async #customer(customerId: string): Promise<Answer> {
    const dossier = await readDossier(this.#records, customerId);
    if (dossier === undefined) {
      const text = html`<p>
        Nobody with the id <code>${customerId}</code> is known. <a href="/customers">To the customers</a>
      </p>`;
      return this.#notice(404, 'Unknown customer', text);
    }
    const story = storyOf(dossier, this.#setting());
    const asked =
      dossier.profile.kind === 'living'
        ? openAttention(dossier.profile).map((attention) => ({ customerId, attention }))
        : [];
    return page(customerPage(story, asked, (id) => this.#postbox.find(id) !== undefined, await this.#around()));
  }

  async #refused(query: URLSearchParams): Promise<Answer> {
    const queues = this.#deadLetterQueues();
    const names = queues.map(({ name }) => name);
    const unknown = unknownValue('queue', query.get('queue'), names);
    if (unknown !== undefined) return unknownPage([unknown], '/refused', await this.#around());
    const queue = names.find((name) => name === query.get('queue'));
    const letters = this.#twin
      .deadLetters()
      .filter((each) => queue === undefined || each.queue === queue)
      .toSorted((a, b) => b.at - a.at);
    const { logs } = this.#twin;
    const found = pageOf(letters, query.get('page'));
    const items = found.items.map((each) => refusedView(each, logs));
    return page(refusedPage({ queues, queue, page: { ...found, items } }, await this.#around()));
  }

  async #article(name: string): Promise<Answer | undefined> {
    const article = articleOf(name);
    return article === undefined ? undefined : page(runbookPage(name, article, await this.#around()));
  }

  #original(messageId: string): Answer | undefined {
    const found = this.#twin.deadLetters().find((each) => each.messageId === messageId);
    return found && plain(refusedView(found, []).original);
  }

  #health(): Answer {
    const queues = this.#twin.queues();
    const past = this.#past();
    const answer = json({
      status: past === undefined ? 'ok' : pastInWords(past),
      now: new Date(this.#twin.now()).toISOString(),
      mails: this.#postbox.size,
      waiting: queues.filter(({ deadLetter }) => !deadLetter).reduce((sum, { visible }) => sum + visible, 0),
      deadLetters: this.#countDeadLetters(),
    });
    return past === undefined ? answer : { ...answer, status: 503 };
  }
}

/** The decoded parts of a path: an encoded slash belongs to an id. Undefined when it is not encoded properly. */
function segmentsOf(path: string): readonly string[] | undefined {
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
}
