/**
 * Writes every mail of the release as a file, for checkers that know nothing of this project: each step, variant and
 * language, once for somebody we know everything about and once for somebody we know nothing about, composed by the
 * sender's own code.
 *
 *   node --import tsx test/oracles/write-mails.ts DIRECTORY
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeMail, type ComposeServices } from '../../functions/send/compose.ts';
import { stageConfig } from '../../infra/config.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { compileContent } from '../../shared/email/compile.ts';
import type { TemplateEntry } from '../../shared/email/release.ts';
import { formatKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';

import { customerAfter } from '../support/customers.ts';
import { bought, complained, CUSTOMER, day, event, resolved } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const CONTENT = join(import.meta.dirname, '../../shared/content');
const KEYS = { current: 'a key that signs nothing but these examples' };
/** Where links lead in a deployment without a domain of its own: a function URL. */
const LINK_BASE = 'https://abcdefghijklmnopqrstuvwxyz234567.lambda-url.eu-central-1.on.aws/';
const COMPLAINT = 'C-2291';
/** After every improvement there is to report. */
const NOW = day(365);

interface Reader {
  readonly events: readonly CustomerEvent[];
  /** What the mail answers. */
  readonly cause: CustomerEvent;
}

/** With a variant for those who came back, the reader has. */
function earlier(variant: string | undefined): readonly CustomerEvent[] {
  return variant === 'returning' ? [bought(day(0), 'first')] : [];
}

/** Who is won back has been away for long enough that something got better. */
const orderedAt = ({ programme }: TemplateEntry) => (programme === 'win-back' ? day(10) : day(360));

const isRecovery = ({ programme }: TemplateEntry) => programme === 'recovery';

function rich(entry: TemplateEntry): Reader {
  const { locale, variant, step } = entry;
  const person = event('Profile Updated', day(1), { name: 'Zoë Lindqvist', locale, timeZone: 'Europe/Stockholm' });
  const order = bought(orderedAt(entry), 'A-10482', {
    total: 184.5,
    currency: 'EUR',
    items: ['Stoneware teapot, ash glaze', 'Cup “Höst”', 'First flush Darjeeling, 100 g'].map((name, index) => ({
      sku: `S-${index}`,
      name,
      quantity: index + 1,
      price: 21.5,
      url: `https://shop.example.com/p/${index}`,
      imageUrl: `https://shop.example.com/i/${index}.jpg`,
    })),
  });
  const known = [person, ...earlier(variant), order];
  if (!isRecovery(entry)) return { events: known, cause: order };
  const opened = complained(day(361), COMPLAINT);
  if (step !== 'resolved') return { events: [...known, opened], cause: opened };
  const outcome = 'We sent a new lid with tracked post on Tuesday.';
  const compensation = 'The delivery fee of €6.50 is back on your card.';
  const settled = event('Complaint Resolved', day(362), { complaintId: COMPLAINT, outcome, compensation });
  return { events: [...known, opened, settled], cause: settled };
}

function bare(entry: TemplateEntry): Reader {
  const { locale, variant, step } = entry;
  const language = event('Profile Updated', day(1), { locale });
  const order = bought(orderedAt(entry), 'A-10482');
  const known = [language, ...earlier(variant)];
  if (!isRecovery(entry)) return { events: [...known, order], cause: order };
  const opened = complained(day(361), COMPLAINT);
  if (step !== 'resolved') return { events: [...known, opened], cause: opened };
  const settled = resolved(day(362), COMPLAINT);
  return { events: [...known, opened, settled], cause: settled };
}

/** The mail of a template; fails when another template than this one was used. */
async function mailOf(services: ComposeServices, entry: TemplateEntry, { events, cause }: Reader): Promise<Uint8Array> {
  const { programme, step, locale, variant } = entry;
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${programme}/${step}`);
  const customer = customerAfter(events, NOW, {}, SHIPPED);
  await services.store.journal(cause);
  const key = formatKey({ life: 1, programme, step, round: 0, episode: isRecovery(entry) ? COMPLAINT : '1' });
  const pending = { moment: NOW, decidedAt: NOW, attempt: 1, cause: cause.id };
  const hash = addressHash(KEYS.current, 'anna@example.com');
  const mail = await composeMail(services, customer, key, pending, placed, hash, NOW);
  const wanted = `${programme}/${step}${variant === undefined ? '' : `@${variant}`}:${locale}`;
  const used = `${mail.template}:${mail.locale}`;
  if (used !== wanted) throw new Error(`${used} was used instead of ${wanted}`);
  return mail.raw;
}

async function writeAll(directory: string): Promise<number> {
  const releaseDirectory = await mkdtemp(join(tmpdir(), 'perennial-mails-'));
  try {
    const release = await compileContent(CONTENT, releaseDirectory);
    const { sender, replyTo } = stageConfig('prod');
    const shared = { release, playbook: SHIPPED, sender, replyTo, linkBase: LINK_BASE, linkKeys: async () => KEYS };
    await mkdir(directory, { recursive: true });
    let written = 0;
    for (const entry of release.templates) {
      for (const [kind, readerOf] of Object.entries({ rich, bare })) {
        // Each reader has a journal of their own: the events of both have the same ids.
        const raw = await mailOf({ ...shared, store: new MemoryStore() }, entry, readerOf(entry));
        const { programme, step, variant, locale } = entry;
        const name = [programme, step, variant, locale, kind].filter((part) => part !== undefined).join('.');
        await writeFile(join(directory, `${name}.eml`), raw);
        written += 1;
      }
    }
    return written;
  } finally {
    await rm(releaseDirectory, { recursive: true });
  }
}

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('usage: write-mails.ts DIRECTORY');
process.stdout.write(`${await writeAll(directory)} mails of ${CUSTOMER} written to ${directory}\n`);
