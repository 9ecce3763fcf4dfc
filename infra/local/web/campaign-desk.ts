/**
 * Campaigns as the pages order and show them, with what `npm run campaign` does. Customers are addressed in the background;
 * should the pages close meanwhile, the campaign is gone on with by the next who asks.
 */
import type { IncomingMessage } from 'node:http';
import type { Campaign } from '../../../shared/lifecycle/campaign/campaign.ts';
import type { Playbook } from '../../../shared/lifecycle/playbook.ts';
import type { CampaignServices } from '../../campaigns/campaign-services.ts';
import type { LiveContent } from '../../campaigns/live-content.ts';
import { type Campaigns, openCampaigns } from '../../campaigns/open-campaigns.ts';
import { type Ordered, orderFrom, type Wish } from '../../campaigns/order.ts';
import { outcomeOf } from '../../campaigns/outcome.ts';
import { previewOf } from '../../campaigns/preview.ts';
import { campaignNamed, cancel, place, walk } from '../../campaigns/walk.ts';
import { stageConfig } from '../../config.ts';
import type { Records } from '../../records.ts';
import type { Twin } from '../contract.ts';
import { UsageError } from '../usage-error.ts';
import { type Answer, page, plain } from './answer.ts';
import { FIELDS, isFilled, wishFrom } from './campaign-form.ts';
import { campaignPage, campaignsPage, type Counted } from './campaigns-page.ts';
import { isFromOurPages, readForm } from './forms.ts';
import type { Surroundings } from './frame.ts';
import { campaignPath } from './paths.ts';

const BY = 'the pages of the twin';
const STAGE = 'local';

/** What the desk is opened with. */
interface DeskSetting {
  readonly twin: Pick<Twin, 'endpoint' | 'region' | 'busName' | 'now'>;
  readonly records: Records;
  /** That of the deployment, where none has been published since. */
  readonly playbook: Playbook;
  readonly contentDirectory: string;
  readonly around: () => Promise<Surroundings>;
}

interface Live {
  readonly services: CampaignServices;
  readonly content: LiveContent;
}

export class CampaignDesk {
  readonly #setting: DeskSetting;
  readonly #campaigns: Promise<Campaigns>;
  readonly #atWork = new Map<string, Promise<void>>();
  readonly #faults = new Map<string, string>();
  #isClosed = false;

  constructor(setting: DeskSetting) {
    this.#setting = setting;
    const { twin, records, playbook, contentDirectory } = setting;
    const { endpoint, region, busName } = twin;
    const { holdout, sending } = stageConfig(STAGE);
    this.#campaigns = openCampaigns({
      access: { endpoint, region, credentials: { accessKeyId: 'pages', secretAccessKey: 'pages' } },
      records,
      playbook,
      holdout,
      config: { busName, sending },
      now: () => twin.now(),
      contentDirectory,
    });
  }

  /** Leaves campaigns where they stand. */
  close(): void {
    this.#isClosed = true;
    void Promise.allSettled(this.#atWork.values()).then(async () => (await this.#campaigns).close());
  }

  /** The page below /campaigns; undefined when there is none. */
  async answer([name, ...more]: readonly string[], query: URLSearchParams): Promise<Answer | undefined> {
    if (more.length > 0) return undefined;
    const live = await this.#live();
    return name === undefined ? this.#overview(live, query) : this.#campaign(live.services, name);
  }

  /** Does what a form asks. */
  async change(request: IncomingMessage): Promise<Answer> {
    if (!isFromOurPages(request.headers)) return plain('Only for forms of these pages\n', 403);
    const form = await readForm(request);
    if (form === undefined) return plain('expected a short form\n', 400);
    const live = await this.#live();
    try {
      const { name } = await this.#obey(live.services, form);
      return { ...plain('Done\n', 303), headers: { location: campaignPath(name) } };
    } catch (error) {
      if (error instanceof UsageError) return this.#overview(live, new URLSearchParams(), error.message);
      throw error;
    }
  }

  /** What is live now, with what follows its rules. */
  async #live(): Promise<Live> {
    const campaigns = await this.#campaigns;
    const content = await campaigns.content();
    const { circumstances, playbook = this.#setting.playbook } = content;
    return { services: { ...campaigns.services, circumstances, playbook }, content };
  }

  async #obey(services: CampaignServices, form: URLSearchParams): Promise<Campaign> {
    const act = form.get('act') ?? '';
    const name = form.get('name') ?? '';
    switch (act) {
      case 'order': {
        const { order } = await this.#ordered(services, wishIn(form));
        return this.#address(services, await place(services, order, BY, Number(form.get('people')) || 0));
      }
      case 'go-on':
        return this.#address(services, await campaignNamed(services, name));
      case 'cancel':
        return cancel(services, name);
      default:
        throw new UsageError('act: expected order, go-on or cancel');
    }
  }

  /** Addresses the customers of a campaign, and returns at once. */
  #address(services: CampaignServices, campaign: Campaign): Campaign {
    const { name } = campaign;
    if (campaign.status !== 'running' || this.#atWork.has(name)) return campaign;
    this.#faults.delete(name);
    const sleep: CampaignServices['sleep'] = (duration) => {
      if (this.#isClosed) throw new UsageError('the pages were closed');
      return services.sleep(duration);
    };
    const work = walk({ ...services, sleep }, campaign)
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#faults.set(name, error instanceof Error ? error.message : String(error));
      })
      .finally(() => this.#atWork.delete(name));
    this.#atWork.set(name, work);
    return campaign;
  }

  async #ordered({ book, playbook, now }: CampaignServices, wish: Wish): Promise<Ordered> {
    const unpublished = await (await this.#campaigns).unpublished(playbook);
    return orderFrom(wish, await book.all(), playbook, now(), FIELDS, unpublished);
  }

  /** @param refused what was wrong with what a form asked */
  async #overview({ services, content }: Live, query: URLSearchParams, refused?: string): Promise<Answer> {
    const { playbook, book } = services;
    const [campaigns, around, unpublished, counted] = await Promise.all([
      book.all(),
      this.#setting.around(),
      this.#campaigns.then((opened) => opened.unpublished(playbook)),
      isFilled(query) ? this.#counted(services, content, wishFrom(query, playbook)) : undefined,
    ]);
    const wrong = refused ?? (typeof counted === 'string' ? counted : undefined);
    const view = {
      campaigns,
      query,
      playbook,
      categories: content.categories,
      unpublished,
      wrong,
      counted: typeof counted === 'string' ? undefined : counted,
    };
    return page(campaignsPage(view, around), wrong === undefined ? 200 : 400);
  }

  /** What the wish would come to, or what is wrong with it. */
  async #counted(services: CampaignServices, content: LiveContent, wish: Wish): Promise<Counted | string> {
    try {
      const { order, audience, placed } = await this.#ordered(services, wish);
      const { programme, step, at } = order;
      const preview = await previewOf(services, order, audience, placed);
      const subject = await content.subjectOf(programme, step);
      return { wish: { ...wish, audience: order.audience }, at, subject, preview };
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }

  async #campaign(services: CampaignServices, name: string): Promise<Answer | undefined> {
    const campaign = await services.book.read(name);
    if (campaign === undefined) return undefined;
    const [outcome, around] = await Promise.all([outcomeOf(services, campaign), this.#setting.around()]);
    const isAtWork = this.#atWork.has(name);
    return page(
      campaignPage({ campaign, outcome, isAtWork, fault: this.#faults.get(name), zone: services.playbook }, around),
    );
  }
}

function wishIn(form: URLSearchParams): Wish {
  const said = (name: keyof Wish): string => form.get(name) ?? '';
  return { name: said('name'), audience: said('audience'), template: said('template'), at: said('at') };
}
