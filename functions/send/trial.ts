/** Whether SES takes mail at all, asked with a mail to its own simulator: no customer's message is risked for it. */
import type { Mailer } from '../../shared/adapters/mailer.ts';

/** Takes everything, in the sandbox, too, and counts in no reputation. */
const SIMULATOR = 'success@simulator.amazonses.com';

const LINES = ['Subject: Does SES take mail again?', '', 'Asked after mails of which it did not say so.', ''];

/**
 * @param from our own address
 * @returns whether SES gave a clear answer: a mail it refuses shows that it is in order, too
 */
export async function takesMail(mailer: Mailer, from: string): Promise<boolean> {
  const raw = Buffer.from([`From: ${from}`, `To: ${SIMULATOR}`, ...LINES].join('\r\n'));
  const { kind } = await mailer.send({ from, to: SIMULATOR, raw, tags: {} });
  return kind === 'accepted' || kind === 'rejected';
}
