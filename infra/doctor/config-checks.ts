/** What can be said of the settings and the content without asking AWS. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import {
  configurationSetOf,
  type DeploymentConfig,
  identityOf,
  InvalidConfig,
  isSample,
  stageConfig,
  stageNames,
} from '../config.ts';
import { type Finding, finding, ok } from './finding.ts';

const SHOP_FILE = path.join(import.meta.dirname, '../../shared/content/shop.json');

/** Longest wait for the domain in front of the pages. */
const LINKS_ANSWER_MS = 5_000;

const shop = z.looseObject({ name: z.string(), url: z.string(), contacts: z.looseObject({ email: z.string() }) });

export async function checkConfig(config: DeploymentConfig): Promise<readonly Finding[]> {
  return [
    ...checkSender(config),
    ...checkClashes(config, otherStages(config)),
    checkSending(config),
    checkAlarms(config),
    checkRunbook(config),
    await checkShop(config),
    await checkLinks(config),
  ];
}

function checkSender({ sender, replyTo, stage }: DeploymentConfig): readonly Finding[] {
  const samples = Object.entries({ 'sender.address': sender.address, replyTo }).filter(([, each]) => isSample(each));
  if (samples.length === 0) return [ok('sender', `${sender.name} <${sender.address}>`)];
  return samples.map(([name, address]) =>
    finding('problem', 'sender', `${stage}.${name} is still ${address}`, 'Set your own in perennial.config.json'),
  );
}

function otherStages({ stage }: DeploymentConfig): readonly DeploymentConfig[] {
  return stageNames()
    .filter((name) => name !== stage)
    .flatMap((name) => {
      try {
        return [stageConfig(name)];
      } catch (error) {
        // What is wrong in another stage is told when that one is looked at.
        if (error instanceof InvalidConfig) return [];
        throw error;
      }
    });
}

/** The names of what a stage makes; undefined for what is there already. */
function madeBy(config: DeploymentConfig): Readonly<Record<string, string | undefined>> {
  const { busName, existing } = config;
  return {
    bus: existing.includes('bus') ? undefined : busName,
    identity: existing.includes('identity') ? undefined : identityOf(config),
    'configuration set': existing.includes('configurationSet') ? undefined : configurationSetOf(config),
  };
}

/** What two stages that may share an account both want to make. */
export function checkClashes(config: DeploymentConfig, others: readonly DeploymentConfig[]): readonly Finding[] {
  const mayMeet = (other: DeploymentConfig) =>
    (['account', 'region'] as const).every(
      (each) => config[each] === undefined || other[each] === undefined || config[each] === other[each],
    );
  const ours = madeBy(config);
  return others
    .filter(mayMeet)
    .flatMap((other) =>
      Object.entries(madeBy(other)).flatMap(([what, name]) =>
        name !== undefined && ours[what] === name
          ? [
              finding(
                'warning',
                'stages',
                `${config.stage} and ${other.stage} both make the ${what} ${name}, which fails in one account and region`,
                'Give each stage its account (then name both in the config), another name, or let one use what the other has made ("existing")',
              ),
            ]
          : [],
      ),
    );
}

function checkSending({ sending, allowList, linkBase, warmUp }: DeploymentConfig): Finding {
  const about = 'sending';
  switch (sending) {
    case 'off':
      return finding(
        'warning',
        about,
        'off: messages wait, and are withheld when they get stale',
        'Set "shadow" to see what would be sent',
      );
    case 'shadow':
      return ok(about, 'shadow: everything happens but the call of SES');
    case 'allow-list':
      return ok(about, `allow-list: ${allowList.length} addresses get mail`);
    case 'live':
      if (linkBase === undefined)
        return finding(
          'warning',
          about,
          'live, and links in mails lead to the URL of a function: they die with the stack',
          'Put a domain of your own in front and set linkBase',
        );
      return ok(
        about,
        `live${warmUp === undefined ? ', without a warm-up' : `, ${warmUp.firstDay} promotional mails on the first day`}`,
      );
    default:
      return sending satisfies never;
  }
}

function checkAlarms({ alarms, stage }: DeploymentConfig): Finding {
  if (alarms.address !== undefined) return ok('alarm address', alarms.address);
  return finding(
    'warning',
    'alarm address',
    'alarms are mailed to nobody',
    `Set ${stage}.alarms.address in perennial.config.json`,
  );
}

function checkRunbook({ runbookBase, stage }: DeploymentConfig): Finding {
  if (URL.canParse(runbookBase)) return ok('runbook', runbookBase);
  return finding(
    'warning',
    'runbook',
    `the mails of alarms name ${runbookBase}, which is no link that anybody can follow`,
    `Set ${stage}.runbookBase in perennial.config.json to where docs/runbook.md is read, such as its page in your repository`,
  );
}

/** @param file the shop as the content has it */
export async function checkShop({ sending }: DeploymentConfig, file = SHOP_FILE): Promise<Finding> {
  const { name, url, contacts } = shop.parse(JSON.parse(await readFile(file, 'utf8')));
  const { hostname } = new URL(url);
  if (!isSample(hostname) && !isSample(contacts.email)) return ok('content', `speaks for ${name}`);
  return finding(
    sending === 'live' ? 'problem' : 'warning',
    'content',
    `shared/content still speaks for the invented shop ${name} (${hostname})`,
    'Make shop.json and what it promises your own; README, "Edit a template"',
  );
}

async function checkLinks({ linkBase }: DeploymentConfig): Promise<Finding> {
  const about = 'links';
  if (linkBase === undefined) return ok(about, "lead to the function's own URL");
  try {
    // Any answer will do: the pages say 404 where no link leads.
    const { status } = await fetch(linkBase, { signal: AbortSignal.timeout(LINKS_ANSWER_MS), redirect: 'manual' });
    if (status < 500) return ok(about, `${linkBase} answers`);
    return finding(
      'problem',
      about,
      `${linkBase} answers ${status}`,
      'Look at the proxy in front of the pages: nobody can unsubscribe',
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return finding(
      'problem',
      about,
      `${linkBase} does not answer (${why})`,
      'Let it pass requests on to the URL of the pages',
    );
  }
}
