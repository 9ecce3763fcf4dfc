/** The command line of `npm run campaign`: a one-off mail to a group, counted before it is ordered. */
import { userInfo } from 'node:os';
import type { Campaign } from '../../shared/lifecycle/campaign/campaign.ts';
import { absolute } from '../../shared/lifecycle/explain/when.ts';
import type { CampaignServices } from '../campaigns/campaign-services.ts';
import {
  inShopsZone,
  people,
  shareInWords,
  statusInWords,
  stillOpen,
  UNTIL_THEN,
  unknownCategories,
} from '../campaigns/campaign-words.ts';
import { type Campaigns, openCampaigns } from '../campaigns/open-campaigns.ts';
import { type Ordered, orderFrom, type Wish } from '../campaigns/order.ts';
import { outcomeOf } from '../campaigns/outcome.ts';
import { type Preview, previewOf } from '../campaigns/preview.ts';
import { ADDRESSED_PER_SECOND, campaignNamed, cancel, place, walk } from '../campaigns/walk.ts';
import { showProgress } from '../local/player/progress.ts';
import { UsageError } from '../local/usage-error.ts';
import { WalkOvertaken } from '../walking.ts';
import {
  ask,
  configOf,
  confirmRelease,
  openTarget,
  readArguments,
  type Target,
  TARGET_HELP,
  TARGET_OPTIONS,
} from '../target.ts';

const HELP = `Sends a mail once to a group of customers, through the same consent, caps, hours, holdout and ledger as all others.

  npm run campaign -- --name N --audience A --template T --at TIME
  npm run campaign -- --list                the campaigns there are
  npm run campaign -- --status N            what became of one: sent, withheld and why, waiting
  npm run campaign -- --cancel N            nobody else gets it: within a minute, whoever was addressed

  --name N         its name, used once and never again: small letters, digits and hyphens
  --audience A     whom it is for; all conditions hold. key=a,b is any of them, key!=a none
                     stage=active,loyal   trait=promoter   trait!=critic   category=tea   locale=sv
                     orders>=2   spend<=100   daysSinceOrder>=30   and every other fact that is a number
  --template T     a step of the playbook in a series with "trigger": "campaign"
  --at TIME        when it goes out: 2026-11-30T09:00:00+01:00, or now; at night it waits for each one's morning
  --dry-run        counts and changes nothing
  --yes            does not ask

It counts first: who would get it, who would not, and why. Then it asks, and addresses ${ADDRESSED_PER_SECOND} people a second. Interrupt
it and order the same again: it goes on where it stood, and nobody gets it twice. The audience is asked about once more
when the mail goes.

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something in the command to put right.
`;

const OPTIONS = {
  ...TARGET_OPTIONS,
  name: { type: 'string' },
  audience: { type: 'string' },
  template: { type: 'string' },
  at: { type: 'string' },
  list: { type: 'boolean' },
  status: { type: 'string' },
  cancel: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
} as const;

const FIELDS = { name: '--name', audience: '--audience', template: '--template', at: '--at' } as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

/** What is to be done. */
type Deed =
  | { readonly kind: 'list' }
  | { readonly kind: 'status' | 'cancel'; readonly name: string }
  | { readonly kind: 'order'; readonly wish: Wish };

/** @throws UsageError */
export async function campaignCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const deed = deedOf(values, positionals);
  const target = await openTarget(values);
  const { access, records, playbook } = target;
  try {
    const config = configOf(target);
    // The twin's clock may stand apart from that of the wall; it runs beside it.
    const ahead = target.now - Date.now();
    const now = () => Date.now() + ahead;
    const campaigns = await openCampaigns({ access, records, playbook, holdout: config.holdout, config, now });
    try {
      return await carryOut(campaigns, target, deed, values);
    } finally {
      campaigns.close();
    }
  } finally {
    records.close();
  }
}

function deedOf(values: Values, [stray]: readonly string[]): Deed {
  if (stray !== undefined) {
    throw new UsageError(
      `expected options only, found "${stray}": put the audience in quotation marks; --help explains`,
    );
  }
  const { name, audience, template, at, list, status, cancel: unwanted } = values;
  const wished = { name, audience, template, at };
  const asked = [
    ...(list === true ? ['--list'] : []),
    ...(status === undefined ? [] : ['--status']),
    ...(unwanted === undefined ? [] : ['--cancel']),
    ...(Object.values(wished).every((each) => each === undefined) ? [] : ['the particulars of a new one']),
  ];
  if (asked.length > 1) throw new UsageError(`expected ${asked.join(' or ')}, found both; --help explains the command`);
  if (list === true) return { kind: 'list' };
  if (status !== undefined) return { kind: 'status', name: status };
  if (unwanted !== undefined) return { kind: 'cancel', name: unwanted };
  if (name === undefined || audience === undefined || template === undefined || at === undefined) {
    const missing = Object.entries(wished).flatMap(([field, value]) => (value === undefined ? [`--${field}`] : []));
    throw new UsageError(
      `expected ${missing.join(' and ')}, or one of --list, --status N, --cancel N; --help explains the command`,
    );
  }
  return { kind: 'order', wish: { name, audience, template, at } };
}

async function carryOut(campaigns: Campaigns, target: Target, deed: Deed, values: Values): Promise<string> {
  const { services } = campaigns;
  switch (deed.kind) {
    case 'list':
      return listed(await services.book.all(), services.now());
    case 'status':
      return stateOf(services, await campaignNamed(services, deed.name));
    case 'cancel':
      return cancelled(services, target, deed.name, values.yes === true);
    case 'order':
      return order(campaigns, target, deed.wish, values['dry-run'] === true, values.yes === true);
    default:
      return deed satisfies never;
  }
}

async function order(
  campaigns: Campaigns,
  target: Target,
  wish: Wish,
  isDry: boolean,
  isSure: boolean,
): Promise<string> {
  const { services } = campaigns;
  const { playbook, book, now } = services;
  const unpublished = await campaigns.unpublished(playbook);
  const ordered = orderFrom(wish, await book.all(), playbook, now(), FIELDS, unpublished);
  const { known } = ordered;
  if (known !== undefined && known.status !== 'running') return `${known.name}: ${statusInWords(known, now())}.`;
  const preview = await previewOf(services, ordered.order, ordered.audience, ordered.placed);
  const counted = [...(await orderInWords(ordered, campaigns)), '', ...previewInWords(preview), ''];
  if (isDry) return lines(...counted, 'Nothing was changed.');
  if (preview.people === 0) return lines(...counted, 'Nobody is in the audience: nothing was ordered.');
  if (!isSure && !process.stdin.isTTY) {
    throw new UsageError(lines(...counted, 'expected --yes, for nobody is here to ask: nothing was ordered'));
  }
  process.stderr.write(`${lines(...counted)}\n`);
  const question = `${known === undefined ? 'Order' : 'Go on with'} the campaign ${wish.name} in ${target.name}?`;
  if (!(await ask(question, isSure))) return 'Nothing was changed.';
  const campaign = known ?? (await place(services, ordered.order, userInfo().username, preview.people));
  // Somebody may have ordered another one of this name while this one was looked at.
  orderFrom(wish, [campaign], playbook, now(), FIELDS);
  const done = await addressAll(services, campaign);
  return lines(
    `${done.name}: ${statusInWords(done, now())}.`,
    `npm run campaign -- --status ${done.name} says what became of it; --cancel ${done.name} stops it.`,
  );
}

async function addressAll(services: CampaignServices, campaign: Campaign): Promise<Campaign> {
  const progress = showProgress(process.stderr, 'people');
  const { now } = services;
  try {
    return await walk(services, campaign, (told) =>
      progress.update({ told, total: Math.max(campaign.expected, told), now: now() }),
    );
  } catch (cause) {
    if (!(cause instanceof WalkOvertaken)) throw cause;
    const who = `somebody else is addressing the customers of the campaign ${campaign.name}`;
    throw new UsageError(`${who}; --status ${campaign.name} says how far that is`, { cause });
  } finally {
    progress.stop();
  }
}

async function orderInWords({ order: { name, audience, at }, placed }: Ordered, campaigns: Campaigns) {
  const { programme, step } = placed;
  const subject = await (await campaigns.content()).subjectOf(programme.id, step.id);
  return [
    `Campaign  ${name}`,
    `Audience  ${audience}`,
    `Template  ${programme.id}/${step.id}${subject === undefined ? '' : `: “${subject}”`}`,
    `Time      ${inShopsZone(at, campaigns.services.playbook)}, that is ${absolute(at)}`,
  ];
}

function previewInWords(preview: Preview): readonly string[] {
  const { people: many, goes, waits, withheld, withoutAddresses } = preview;
  return [
    `In the audience: ${people(many)}.`,
    `Get it then: ${people(goes)}.`,
    ...sharesInWords('Get it later, if it still fits', waits),
    ...sharesInWords('Do not get it', withheld),
    ...unknownCategories(preview),
    ...(withoutAddresses
      ? ['Bounces, spam complaints and unsubscribes at an address are left out: its key cannot be read from here.']
      : []),
    UNTIL_THEN,
  ];
}

function sharesInWords(title: string, shares: Preview['waits']): readonly string[] {
  if (shares.length === 0) return [];
  const sum = shares.reduce((all, each) => all + each.people, 0);
  return [`${title}: ${people(sum)}.`, ...shares.map((each) => `  ${shareInWords(each)}`)];
}

function listed(campaigns: readonly Campaign[], now: number): string {
  if (campaigns.length === 0) return 'There are no campaigns; npm run campaign -- --help explains how to order one.';
  const latestFirst = campaigns.toSorted((a, b) => b.at - a.at);
  return lines(
    ...latestFirst.map((each) => `${each.name}  ${each.step} to ${each.audience}: ${statusInWords(each, now)}`),
  );
}

async function stateOf(services: CampaignServices, campaign: Campaign): Promise<string> {
  const { name, audience, programme, step, at, orderedAt, by } = campaign;
  const outcome = await outcomeOf(services, campaign);
  const { addressed, sent, inShadow, unsent } = outcome;
  const open = stillOpen(campaign, outcome);
  return lines(
    `Campaign  ${name}, ordered by ${by} on ${absolute(orderedAt)}`,
    `Audience  ${audience}`,
    `Template  ${programme}/${step}`,
    `Time      ${inShopsZone(at, services.playbook)}, that is ${absolute(at)}`,
    `Status    ${statusInWords(campaign, services.now())}`,
    '',
    `Addressed: ${people(addressed)}.`,
    `Sent: ${people(sent)}.${inShadow > 0 ? ` In shadow, so that nobody got it: ${people(inShadow)}.` : ''}`,
    ...sharesInWords('Not sent', unsent),
    `${open.title}: ${open.words}.`,
  );
}

async function cancelled(services: CampaignServices, target: Target, name: string, isSure: boolean) {
  const campaign = await campaignNamed(services, name);
  const isNew = campaign.status !== 'cancelled';
  if (isNew && !(await confirmRelease(target, `Cancel the campaign ${name} in ${target.name}?`, isSure)))
    return 'Nothing was changed.';
  const now = await cancel(services, name);
  return lines(
    `${name}: ${statusInWords(now, services.now())}.`,
    'Senders look every 20 seconds: by then none of its mail goes out. What waits is withheld when its turn comes; what was sent stays sent.',
  );
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}
