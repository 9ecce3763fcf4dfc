/** From what somebody asks for to an order: each word is checked, and what is wrong is said with what was expected. */
import { asksForLocale, type Audience, parseAudience } from '../../shared/lifecycle/campaign/audience.ts';
import {
  areTooMany,
  type Campaign,
  campaignSteps,
  differences,
  type Order,
} from '../../shared/lifecycle/campaign/campaign.ts';
import { CAMPAIGN_LASTS, CAMPAIGNS_KEPT } from '../../shared/lifecycle/facts/campaigns.ts';
import { absolute } from '../../shared/lifecycle/explain/when.ts';
import { NAME, NAME_EXPECTED } from '../../shared/lifecycle/name.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, inDays, type Instant } from '../../shared/lifecycle/time.ts';
import { UsageError } from '../local/usage-error.ts';

/** As it was typed. */
export interface Wish {
  readonly name: string;
  readonly audience: string;
  readonly template: string;
  /** An ISO 8601 time with zone, or `now`. */
  readonly at: string;
}

export interface Ordered {
  readonly order: Order;
  readonly audience: Audience;
  readonly placed: Placed;
  /** The campaign of this name, ordered before with the same particulars. */
  readonly known: Campaign | undefined;
}

const NOW = 'now';
/** Beyond it somebody has mistyped the year. */
const LONGEST_AHEAD: Duration = 366 * DAY;
/** With a zone: without one nobody could say whose nine o'clock it is. */
const TIME = /^(?<day>\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/u;

/**
 * Checks a wish against the playbook and the campaigns there are.
 *
 * @param fields what the person calls the fields, for the errors
 * @param unpublished steps that are written and not live yet
 * @throws UsageError naming the field, what was found and what was expected
 */
export function orderFrom(
  wish: Wish,
  campaigns: readonly Campaign[],
  playbook: Playbook,
  t: Instant,
  fields: Readonly<Record<keyof Wish, string>>,
  unpublished: readonly string[] = [],
): Ordered {
  const { name } = wish;
  if (!NAME.test(name))
    throw new UsageError(`${fields.name}: ${NAME_EXPECTED}, beginning with a letter; found "${name}"`);
  const parsed = parseAudience(wish.audience, playbook);
  if (parsed.kind === 'wrong') throw new UsageError(`${fields.audience}: ${parsed.findings.join('; ')}`);
  const { audience } = parsed;
  const placed = stepNamed(wish.template, playbook, fields.template, unpublished);
  if (placed.step.offer !== undefined && asksForLocale(audience)) {
    throw new UsageError(
      `${fields.audience}: expected no locale, for ${placed.step.id} makes an offer, and nobody is offered less for their language`,
    );
  }
  const known = campaigns.find((each) => each.name === name);
  const at = momentFrom(wish.at, known, t, fields.at);
  const order = { name, audience: audience.text, programme: placed.programme.id, step: placed.step.id, at };
  const different = known === undefined ? [] : differences(known, order);
  if (known !== undefined && different.length > 0) {
    throw new UsageError(
      `${fields.name}: "${name}" was ordered before with another ${different.join(' and another ')} ` +
        `(${known.audience}, ${known.step}, ${absolute(known.at)}); choose another name`,
    );
  }
  if (known === undefined) {
    if (at < t) throw new UsageError(`${fields.at}: expected a time to come or "${NOW}", found ${absolute(at)}`);
    if (at > t + LONGEST_AHEAD) {
      throw new UsageError(
        `${fields.at}: expected a time within ${inDays(LONGEST_AHEAD)} from now, found ${absolute(at)}; check the year`,
      );
    }
    expectStarted(placed, at, fields.at);
    if (areTooMany(campaigns, t)) {
      throw new UsageError(
        `expected at most ${CAMPAIGNS_KEPT} campaigns that are to come or began within ${inDays(CAMPAIGN_LASTS)}; wait until one of them is older`,
      );
    }
  }
  return { order, audience, placed, known };
}

/** By the step, or by programme and step. */
function stepNamed(template: string, playbook: Playbook, field: string, unpublished: readonly string[]): Placed {
  const steps = campaignSteps(playbook);
  const found = steps.find(({ programme, step }) => template === step.id || template === `${programme.id}/${step.id}`);
  if (found !== undefined) return found;
  if (unpublished.some((id) => template === id || template.endsWith(`/${id}`))) {
    throw new UsageError(`${field}: "${template}" is in your files but not published: npm run publish`);
  }
  const allowed = steps.map(({ step }) => step.id).join(', ');
  throw new UsageError(
    steps.length === 0
      ? `${field}: the playbook has no step a campaign may send; add a series with "trigger": "campaign"`
      : `${field}: expected one of ${allowed}, the steps a campaign may send, found "${template}"`,
  );
}

/** 31 February has the right form, and is taken for a day in March. */
function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

/** Ordered again, "now" is when it was ordered first. */
function momentFrom(text: string, known: Campaign | undefined, t: Instant, field: string): Instant {
  if (text === NOW) return known !== undefined && known.at <= t ? known.at : t;
  const { day } = TIME.exec(text)?.groups ?? {};
  const at = day !== undefined && isDay(day) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) {
    throw new UsageError(
      `${field}: expected an ISO 8601 time with zone such as 2026-11-30T09:00:00+01:00, or "${NOW}", found "${text}"`,
    );
  }
  return at;
}

function expectStarted({ programme }: Placed, at: Instant, field: string): void {
  if (programme.startsAt === undefined || at >= programme.startsAt) return;
  throw new UsageError(
    `${field}: expected a time after ${absolute(programme.startsAt)}, when the programme ${programme.id} begins`,
  );
}
