import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../infra/local/web/releases/comparison.ts';
import type { Finding } from '../../infra/local/web/releases/inspection.ts';
import { comparisonPage, releasesPage } from '../../infra/local/web/releases/releases-page.ts';
import type { Round } from '../../infra/local/web/releases/rounds.ts';
import { differencesBetween } from '../../infra/publishing/differences.ts';
import { toldDifferences } from '../../infra/publishing/told-differences.ts';
import type { Move } from '../../shared/adapters/release-store.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

const NOW = Date.UTC(2026, 10, 22);
const AROUND = {
  now: NOW,
  endpoint: 'http://127.0.0.1:4580',
  region: 'eu-north-1',
  busName: 'customers',
  tableName: 'T',
  deadLetters: 0,
  alarms: 0,
};
const DIRECTORY = '/shop/content';

const move = (number: number, releaseId?: string, message?: string): Move => ({
  number,
  format: 1,
  at: NOW - (10 - number) * DAY,
  by: 'anna',
  ...(releaseId !== undefined && { releaseId }),
  ...(message !== undefined && { message }),
});

const listed = (moves: readonly Move[], made?: number, round?: Round) =>
  releasesPage(
    { moves, deployed: { releaseId: 'd0', at: NOW - 20 * DAY }, contentDirectory: DIRECTORY, made, round },
    AROUND,
  );

/** What each item of the list can be gone back to by. */
const waysBack = (text: string) => [...text.matchAll(/name="to" value="([^"]*)"/gu)].map(([, to]) => to);

describe('the list of releases', () => {
  it('before the first publication shows what was deployed, with nothing to go back to', () => {
    const text = listed([]);
    expect(text).toContain('Live <small>what was deployed</small>');
    expect(text).toContain('<code>d0</code>');
    expect(waysBack(text)).toEqual([]);
  });

  it('leads back to everything but what is live', () => {
    const text = listed([move(4, 'r1'), move(3, 'r3', 'Warmer'), move(2), move(1, 'r1')], 4);
    expect(text).toContain('Live <small>number 4</small>');
    expect(text).toContain('Number 4 is made.');
    expect(text).toContain('<span class="why">Warmer</span>');
    expect(waysBack(text)).toEqual(['3', 'deployed', 'deployed']);
    expect(text.match(/the same as is live/gu)).toHaveLength(1);
  });

  it('after going back to what was deployed leads to what was published', () => {
    expect(waysBack(listed([move(2), move(1, 'r1')]))).toEqual(['1']);
  });

  it('says how far everybody has been looked at under other rules, and goes on with what was interrupted', () => {
    const round: Round = { number: 2, done: 1200, isAtWork: true, fault: undefined };
    const atWork = listed([move(2, 'r2')], 2, round);
    expect(atWork).toContain('Everybody is being looked at again: 1,200 people so far.');
    expect(atWork).not.toContain('value="go-on"');
    const left = listed([move(2, 'r2')], 2, { ...round, isAtWork: false, fault: 'the bus is gone' });
    expect(left).toContain('not everybody has been looked at since: 1,200 people so far.');
    expect(left).toContain('value="go-on"');
    expect(left).toMatch(/role="alert">the bus is gone/u);
    expect(listed([move(2, 'r2')], 2)).not.toContain('looked at');
  });

  it('shows what somebody wrote as it is', () => {
    expect(listed([move(1, 'r1', '<b>bold</b>')])).toContain('&lt;b&gt;bold&lt;/b&gt;');
  });
});

const HEAD = { at: NOW, live: 'number 3 (release r3)', seen: 3 };
const shown = (comparison: Comparison, trouble?: string) =>
  comparisonPage({ id: 'c-1', comparison, contentDirectory: DIRECTORY, trouble }, AROUND);

const WELCOME = 'templates/onboarding/welcome';
const sections = toldDifferences(
  differencesBetween(
    {
      [`${WELCOME}/en.json`]: JSON.stringify({ intro: 'Your <b>order</b> has reached us.' }),
      'preferences/fa.json': JSON.stringify({ title: 'سلام' }),
      'playbook.json': JSON.stringify({ caps: { perDay: 1 } }),
    },
    {
      [`${WELCOME}/en.json`]: JSON.stringify({ intro: 'Your <b>order</b> has arrived here.' }),
      'preferences/fa.json': JSON.stringify({ title: 'درود' }),
      'playbook.json': JSON.stringify({ caps: { perDay: 2 } }),
    },
  ),
);

const ready = (more: Partial<Extract<Comparison, { kind: 'ready' }>> = {}): Comparison => ({
  ...HEAD,
  kind: 'ready',
  candidate: { kind: 'content', stamp: 's', releaseId: 'r4' },
  account: {
    sections,
    waiting: { customers: 12, messages: 9, touched: { 'onboarding/guide': 2, 'win-back/offer': 1 } },
    notes: ['The playbook differs: it takes effect.'],
  },
  warnings: [],
  ...more,
});

const finding = (severity: Finding['severity'], file: string, problem = 'is too long'): Finding => ({
  file,
  line: 3,
  problem,
  advice: 'Say it in fewer words.',
  severity,
  rule: 'inbox',
});

describe('a comparison', () => {
  it('shows words that go and come, whose they are, and what waits', () => {
    const text = shown(ready());
    expect(text).toMatch(/Your &lt;b&gt;order&lt;\/b&gt; has <del>reached us\.<\/del> <ins>arrived here\.<\/ins>/u);
    expect(text).toContain('<a href="/templates/onboarding/welcome">onboarding/welcome, en</a>');
    expect(text).toMatch(/the pages behind links, fa<\/h3>/u);
    expect(text).toMatch(/dir="auto"\s+lang="fa"/u);
    expect(text).toContain('<del>1</del> → <ins>2</ins>');
    expect(text).toContain('It changes 3 among 9 messages that wait for 12 customers:');
    expect(text).toContain('<a href="/templates/onboarding/guide">onboarding/guide</a>: 2');
    expect(text).toContain('The playbook differs: it takes effect.');
  });

  it('carries the number that was seen in the form that publishes it', () => {
    const text = shown(ready());
    expect(text).toContain('name="seen" value="3"');
    expect(text).toContain('name="of" value="c-1"');
    expect(text).toContain('<button>Publish</button>');
    expect(shown(ready(), 'Meanwhile bo published.')).not.toContain('name="seen"');
    expect(shown(ready(), 'Meanwhile bo published.')).toMatch(/role="alert"[^]*Meanwhile bo published\./u);
  });

  it('of a way back says where to', () => {
    const text = shown(
      ready({ candidate: { kind: 'back', goal: { words: 'number 1 (release r1)', releaseId: 'r1' } } }),
    );
    expect(text).toContain('<h1>Back to number 1 (release r1)</h1>');
    expect(text).toContain('<button>Go back</button>');
    expect(text).toContain('value="back to number 1 (release r1)"');
  });

  it('with errors leads to the mails, and cannot be published', () => {
    const findings = [
      finding('error', `${WELCOME}/sv.returning.json`),
      finding('error', `${WELCOME}/layout.mjml`, 'has no end'),
      finding('error', 'shop.json', 'has no name'),
      finding('warning', `${WELCOME}/en.json`, 'is older'),
    ];
    const text = shown({ ...HEAD, kind: 'wrong', findings });
    expect(text).toContain('What is wrong <small>3 errors</small>');
    expect(text).toContain('<a href="/templates/onboarding/welcome?locale=sv&amp;variant=returning">');
    expect(text).toContain('<a href="/templates/onboarding/welcome">');
    expect(text.match(/Edit it/gu)).toHaveLength(3);
    expect(text).toContain('shop.json:3');
    expect(text).not.toContain('name="seen"');
  });

  it('tells warnings, and can be published all the same', () => {
    const text = shown(ready({ warnings: [finding('warning', `${WELCOME}/sv.json`, 'is older')] }));
    expect(text).toContain('Keeps nobody from publishing <small>1 warning</small>');
    expect(text).toContain('name="seen"');
  });

  it.each([
    [{ ...HEAD, kind: 'same' } as const, 'There is nothing to publish.'],
    [{ ...HEAD, kind: 'impossible', why: 'the playbook: no' } as const, 'the playbook: no'],
    [ready({ account: undefined }), 'Nobody wrote down what was deployed'],
  ])('%#: says so', (comparison, words) => {
    expect(shown(comparison)).toContain(words);
  });
});
