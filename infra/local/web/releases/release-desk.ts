/**
 * Releases as the pages publish them and go back, with what `npm run publish` and `npm run rollback` do. What is made live
 * is what somebody was shown, over what they saw live: if either has changed since, nothing happens, and they are told.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Move } from '../../../../shared/adapters/release-store.ts';
import { isActivation } from '../../../activation/activating.ts';
import { beginningOf, withBeginning } from '../../../activation/beginning.ts';
import { overtakenWords } from '../../../publishing/account.ts';
import { readLive, readRelease } from '../../../publishing/live.ts';
import { type Moved, type Mover, personHere, publish } from '../../../publishing/publish.ts';
import { goBack, unreadable } from '../../../publishing/way-back.ts';
import type { Records } from '../../../records.ts';
import { expectContentTable } from '../../../target.ts';
import type { Twin } from '../../contract.ts';
import { UsageError } from '../../usage-error.ts';
import { type Answer, page, plain } from '../answer.ts';
import { isFromOurPages, readForm } from '../forms.ts';
import type { Surroundings } from '../frame.ts';
import {
  type Candidate,
  compareBack,
  compareContent,
  compiled,
  type Comparison,
  numberOf,
  type Services,
} from './comparison.ts';
import { Inspection, stampOf } from './inspection.ts';
import {
  comparisonPage,
  comparisonPath,
  LONGEST_MESSAGE,
  madePath,
  RELEASES_PATH,
  releasesPage,
} from './releases-page.ts';
import { Rounds } from './rounds.ts';

/** Comparisons somebody may still be reading. */
const COMPARISONS_KEPT = 20;

const CHANGED_SINCE = 'The content was changed since it was compared. Nothing was published; compare again.';
const FORGOTTEN = 'Nobody remembers this comparison any more. Nothing was changed; compare again.\n';

/** What the desk is opened with. */
interface DeskSetting {
  readonly twin: Pick<Twin, 'now' | 'endpoint' | 'region' | 'busName'>;
  readonly records: Records;
  readonly contentDirectory: string;
  readonly around: () => Promise<Surroundings>;
}

type Outcome = Moved | { readonly kind: 'impossible'; readonly why: string };

export class ReleaseDesk {
  readonly #setting: DeskSetting;
  readonly #inspection: Inspection;
  readonly #rounds: Rounds;
  readonly #services: Services;
  /** By id, the oldest first. */
  readonly #comparisons = new Map<string, Comparison>();

  constructor(setting: DeskSetting) {
    this.#setting = setting;
    const { twin, records, contentDirectory } = setting;
    const { releases, census } = records;
    this.#inspection = new Inspection(contentDirectory);
    this.#rounds = new Rounds({ twin, records });
    this.#services = { releases, census, contentDirectory, inspection: this.#inspection, now: () => twin.now() };
  }

  close(): void {
    this.#inspection.close();
    this.#rounds.close();
  }

  /** The page below /releases; undefined when there is none. */
  async answer([place, ...more]: readonly string[], query: URLSearchParams): Promise<Answer | undefined> {
    if (more.length > 0) return undefined;
    if (place === undefined) return this.#overview(query);
    const id = query.get('of') ?? '';
    const comparison = place === 'comparison' ? this.#comparisons.get(id) : undefined;
    return comparison && this.#show(id, comparison);
  }

  /** Does what a form asks. */
  async change(request: IncomingMessage): Promise<Answer> {
    if (!isFromOurPages(request.headers)) return plain('Only for forms of these pages\n', 403);
    const form = await readForm(request);
    if (form === undefined) return plain('expected a short form\n', 400);
    try {
      await expectContentTable({ records: this.#setting.records, stage: undefined });
      return await this.#obey(form);
    } catch (error) {
      if (error instanceof UsageError) return plain(`${error.message}\n`, 400);
      throw error;
    }
  }

  async #obey(form: URLSearchParams): Promise<Answer> {
    switch (form.get('act') ?? '') {
      case 'compare':
        return this.#compared(await compareContent(this.#services));
      case 'look-back': {
        const comparison = await compareBack(this.#services, form.get('to') ?? '');
        if (comparison === undefined) throw new UsageError('to: expected "deployed" or the number of a move');
        return this.#compared(comparison);
      }
      case 'move':
        return this.#move(form);
      case 'go-on':
        await this.#rounds.goOn();
        return { ...plain('Done\n', 303), headers: { location: RELEASES_PATH } };
      default:
        throw new UsageError('act: expected compare, look-back, move or go-on');
    }
  }

  #compared(comparison: Comparison): Answer {
    const id = randomUUID();
    this.#comparisons.set(id, comparison);
    const [oldest] = this.#comparisons.keys();
    if (this.#comparisons.size > COMPARISONS_KEPT && oldest !== undefined) this.#comparisons.delete(oldest);
    return { ...plain('Done\n', 303), headers: { location: comparisonPath(id) } };
  }

  async #move(form: URLSearchParams): Promise<Answer> {
    const id = form.get('of') ?? '';
    const comparison = this.#comparisons.get(id);
    if (comparison?.kind !== 'ready') return plain(FORGOTTEN, 409);
    const message = form.get('message')?.trim().slice(0, LONGEST_MESSAGE) ?? '';
    const mover = { at: this.#services.now(), by: personHere(), ...(message !== '' && { message }) };
    const latest = await this.#services.releases.latest();
    const outcome =
      form.get('seen') === String(numberOf(latest))
        ? await this.#make(comparison.candidate, latest, mover)
        : { kind: 'overtaken' as const, by: latest };
    switch (outcome.kind) {
      case 'moved':
        if (outcome.move.activates === true) this.#rounds.begin(outcome.move);
        return { ...plain('Done\n', 303), headers: { location: madePath(outcome.move.number) } };
      case 'overtaken':
        return this.#show(id, comparison, overtakenWords(outcome.by, 'Compare'));
      case 'impossible':
        return this.#show(id, comparison, outcome.why);
      default:
        return outcome satisfies never;
    }
  }

  async #make(candidate: Candidate, seen: Move | undefined, mover: Mover): Promise<Outcome> {
    const { releases, contentDirectory } = this.#services;
    switch (candidate.kind) {
      case 'content': {
        if ((await stampOf(contentDirectory)) !== candidate.stamp) return { kind: 'impossible', why: CHANGED_SINCE };
        const edition = await compiled(contentDirectory, candidate.stamp);
        if (typeof edition === 'string') return { kind: 'impossible', why: edition };
        if (edition.id !== candidate.releaseId) return { kind: 'impossible', why: CHANGED_SINCE };
        const { outline } = await readLive(releases);
        const begun = withBeginning(edition, beginningOf(edition, outline, mover.at));
        return publish(releases, begun, seen, { ...mover, activates: isActivation(edition, outline) });
      }
      case 'back': {
        const { goal } = candidate;
        const outline = await readRelease(releases, goal.releaseId);
        const live = { ...(await readLive(releases)), move: seen };
        const why = await unreadable(releases, goal, outline, live, mover.at);
        if (why !== undefined) return { kind: 'impossible', why };
        const activates = outline !== undefined && isActivation(outline, live.outline);
        return goBack(releases, goal, outline, live, { ...mover, activates });
      }
      default:
        return candidate satisfies never;
    }
  }

  async #overview(query: URLSearchParams): Promise<Answer> {
    const { records, contentDirectory, around } = this.#setting;
    const { releases } = records;
    await expectContentTable({ records, stage: undefined });
    const [moves, deployed, round, surroundings] = await Promise.all([
      releases.history(),
      releases.deployed(),
      this.#rounds.round(),
      around(),
    ]);
    const made = moves.find(({ number }) => String(number) === query.get('made'))?.number;
    return page(releasesPage({ moves, deployed, contentDirectory, made, round }, surroundings));
  }

  async #show(id: string, comparison: Comparison, trouble?: string): Promise<Answer> {
    const { contentDirectory, around } = this.#setting;
    const view = { id, comparison, contentDirectory, trouble };
    return page(comparisonPage(view, await around()), trouble === undefined ? 200 : 409);
  }
}
