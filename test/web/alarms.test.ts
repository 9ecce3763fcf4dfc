import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmState } from '../../infra/local/contract.ts';
import { alarmWords } from '../../infra/local/web/alarm-words.ts';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { articleOf } from '../../infra/local/web/runbook.ts';
import { NOW, openTwin, type ShopTwin } from './fixture.ts';

const HOUR = 3_600_000;
const DESCRIPTION =
  'Mail stands still. Impact: Nobody gets any. What to do: Look at SES. Runbook: docs/runbook.md#send-stopped No data counts as fine: it is only written when there is a fault.';

function alarm(
  name: string,
  changes: readonly (readonly [hoursAgo: number, state: AlarmState['state']])[],
): AlarmState {
  const told = changes.map(([hours, state]) => ({ at: NOW - hours * HOUR, state, value: 1 }));
  const { at: since = NOW, state = 'INSUFFICIENT_DATA' as const } = told.at(-1) ?? {};
  return { name, severity: 'urgent', description: DESCRIPTION, state, since, changes: told };
}

describe('the words of an alarm', () => {
  it('are its sentences and its article', () => {
    expect(alarmWords(DESCRIPTION)).toEqual({
      what: 'Mail stands still.',
      impact: 'Nobody gets any.',
      remedy: 'Look at SES.',
      article: { name: 'send-stopped', address: 'docs/runbook.md#send-stopped' },
      without: 'No data counts as fine: it is only written when there is a fault.',
    });
  });

  it('of a description by somebody else are all of it', () => {
    expect(alarmWords('CPU is high')).toMatchObject({ what: 'CPU is high', impact: undefined, article: undefined });
  });
});

describe('an article of the runbook', () => {
  const runbook = [
    '# Runbook',
    '## Send stopped',
    'Why.',
    '```sh',
    '# not a heading',
    '```',
    '### Look',
    'There.',
    '## Next',
  ];

  it('goes from its heading to the next one of its rank', () => {
    expect(articleOf('send-stopped', runbook.join('\n'))).toBe('Why.\n```sh\n# not a heading\n```\n### Look\nThere.');
    expect(articleOf('next', runbook.join('\n'))).toBe('');
  });

  it('that is not there is none', () => {
    for (const anchor of ['not-a-heading', 'send']) expect(articleOf(anchor, runbook.join('\n'))).toBeUndefined();
  });
});

describe('the page of the alarms', () => {
  let twin: ShopTwin;
  let pages: Pages;
  const get = async (path: string) => (await fetch(pages.url + path)).text();

  beforeAll(async () => {
    twin = await openTwin();
    pages = await startPages(twin, 0);
  });
  afterAll(async () => {
    await pages.close();
    await twin.close();
  });
  beforeEach(() => {
    twin.alarms.length = 0;
  });

  it('shows what has gone off, since when, what it means and what to do', async () => {
    twin.alarms.push(
      alarm('quiet-one', [[30, 'OK']]),
      alarm('loud-one', [
        [30, 'OK'],
        [2, 'ALARM'],
      ]),
    );
    const text = await get('/alarms');
    expect(text).toContain('1 alarm of 2');
    expect(text).toContain('2 hours ago');
    expect(text).toContain('Nobody gets any.');
    expect(text).toContain('href="/runbook/send-stopped"');
    expect(text.indexOf('id="alarm-loud-one"')).toBeLessThan(text.indexOf('id="alarm-quiet-one"'));
    expect(text).toContain('In the last 7 days: in alarm 1 time');
  });

  it('is announced on the overview and in the navigation, with how many there are', async () => {
    expect(await get('/')).not.toContain('gone off');
    twin.alarms.push(alarm('one', [[2, 'ALARM']]), alarm('two', [[1, 'ALARM']]), alarm('three', [[1, 'OK']]));
    const text = await get('/');
    expect(text).toContain('<a href="/alarms">2 alarms</a>');
    expect(text).toContain('2<span class="hidden"> gone off</span>');
  });

  it('says so when nothing has gone off', async () => {
    twin.alarms.push(alarm('one', [[2, 'OK']]));
    expect(await get('/alarms')).toContain('None of 1 alarm has gone off.');
  });

  it('leads to no article that is not there', async () => {
    expect((await fetch(`${pages.url}/runbook/nothing-like-it`)).status).toBe(404);
  });
});
