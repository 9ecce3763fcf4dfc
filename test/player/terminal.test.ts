import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { AcceptedMail } from '../../infra/local/contract.ts';
import { labelOf, mailLineOf } from '../../infra/local/mail-line.ts';
import type { Headcount } from '../../infra/local/summary.ts';
import { mailText, openView, type ViewState, viewLines } from '../../infra/local/terminal.ts';

const AT = Date.UTC(2026, 10, 22, 6, 4, 36);

function mail(id: string, key: string, subject: string): AcceptedMail {
  return {
    id,
    at: AT,
    from: 'hello@shop.example.com',
    to: ['maja@example.com'],
    tags: { k: Buffer.from(key).toString('base64url') },
    configurationSet: undefined,
    raw: Buffer.from(`Subject: =?utf-8?b?${Buffer.from(subject).toString('base64')}?=\r\n\r\nbody\r\n`),
  };
}

const state: ViewState = {
  now: AT,
  customers: 30,
  stages: { lead: 10, loyal: 20 },
  mails: { retention: 2, onboarding: 7 },
  queues: [
    { name: 'record', deadLetter: false, visible: 1, inFlight: 2, delayed: 3 },
    { name: 'record-dead', deadLetter: true, visible: 4, inFlight: 0, delayed: 0 },
  ],
  lastMails: [{ at: AT, label: 'onboarding/welcome', to: 'maja@example.com', subject: 'Thank you' }],
  endpoint: 'http://127.0.0.1:4580',
  page: 'http://127.0.0.1:4581',
};

describe('the screen', () => {
  it('shows stages with bars, mails, queues, the last mails and where to look', () => {
    const text = viewLines(state, { columns: 120, rows: 60 }).join('\n');
    expect(text).toContain('http://127.0.0.1:4581');
    expect(text).toMatch(/lead {7}10 {2}█{15}\n/);
    expect(text).toMatch(/loyal {6}20 {2}█{30}\n/);
    expect(text).toMatch(/lapsed {6}0 {2}\n/);
    expect(text).toContain('Mails: 9\n  onboarding 7   retention 2\n');
    expect(text).toContain('  record  4 + 2\n');
    expect(text).toContain('  record-dead  4 + 0  dead letters\n');
    expect(text).toContain('2026-11-22 06:04:36  onboarding/welcome      maja@example.com  Thank you');
    expect(text).toContain('aws --endpoint-url http://127.0.0.1:4580');
  });

  it('fits into the terminal', () => {
    const lines = viewLines(
      { ...state, lastMails: state.lastMails.map((each) => ({ ...each, subject: 'x'.repeat(200) })) },
      {
        columns: 40,
        rows: 12,
      },
    );
    expect(lines).toHaveLength(11);
    for (const line of lines) expect(line.length).toBeLessThan(40);
  });

  it('keeps a right-to-left subject from turning its line around', () => {
    expect(mailText({ at: AT, label: 'a/b', to: 'x', subject: 'سپاس' })).toContain('\u2068سپاس\u2069');
    expect(mailText({ at: AT, label: 'a/b', to: 'x', subject: 'Tack' })).toMatch(/ {2}Tack$/);
  });
});

describe('a mail as a line', () => {
  it('is named by programme and step, without life, round and episode', () => {
    expect(labelOf(mail('1', '1/recovery/status.2/case%2F7', ''))).toBe('recovery/status');
    expect(labelOf({ tags: {} })).toBe('other');
  });

  it('shows the decoded subject', async () => {
    const line = await mailLineOf(mail('1', '1/onboarding/welcome/1', 'Hej Björn'));
    expect(line).toEqual({ at: AT, label: 'onboarding/welcome', to: 'maja@example.com', subject: 'Hej Björn' });
  });
});

function watched() {
  const mailbox: AcceptedMail[] = [mail('0', '1/onboarding/guide/1', 'before')];
  const listeners = new Set<() => void>();
  const twin = {
    endpoint: 'http://127.0.0.1:4580',
    now: () => AT,
    mailbox,
    queues: () => [],
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const arrive = (fresh: AcceptedMail) => {
    mailbox.push(fresh);
    for (const listener of listeners) listener();
  };
  return { twin, arrive, listeners };
}

const headcount = async (): Promise<Headcount> => ({
  customers: 0,
  stages: {},
  mails: {},
  withheld: {},
  cancelled: {},
});

describe('the view', () => {
  it('is one line per new mail, in order, where there is no terminal', async () => {
    const { twin, arrive, listeners } = watched();
    const written: string[] = [];
    const events = new EventEmitter();
    const both = once(events, 'second');
    const output = {
      write: (text: string) => {
        written.push(text);
        if (written.length === 2) events.emit('second');
      },
    };
    const view = openView(output, twin, headcount, undefined);
    arrive(mail('1', '1/onboarding/welcome/1', 'first'));
    arrive(mail('2', '1/win-back/ask/1', 'second'));
    await both;
    view.stop();
    expect(written).toEqual([
      '2026-11-22 06:04:36  onboarding/welcome      maja@example.com  first\n',
      '2026-11-22 06:04:36  win-back/ask            maja@example.com  second\n',
    ]);
    expect(listeners.size).toBe(0);
  });

  it('leaves a terminal as it was found', () => {
    const { twin, listeners } = watched();
    let text = '';
    const view = openView(
      { isTTY: true, columns: 80, rows: 24, write: (part) => (text += part) },
      twin,
      headcount,
      undefined,
    );
    view.stop();
    view.stop();
    expect(text.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true);
    expect(text.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    expect(text.split('\u001b[?1049l')).toHaveLength(2);
    expect(listeners.size).toBe(0);
  });
});
