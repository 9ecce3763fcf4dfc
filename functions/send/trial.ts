/** What SES says to a mail at all, asked with one to its own simulator: no customer's message is risked for it. */
import { errorInLog, type Mailer, type SendOutcome } from '../../shared/adapters/mailer.ts';
import type { SendLog } from './send-services.ts';

/** Takes everything, in the sandbox, too, and counts in no reputation. */
const SIMULATOR = 'success@simulator.amazonses.com';

const LINES = ['Subject: Does SES take mail again?', '', 'Asked after mails of which it did not say so.', ''];

/** @param from our own address */
export async function askSes(mailer: Mailer, log: SendLog, from: string): Promise<SendOutcome> {
  const raw = Buffer.from([`From: ${from}`, `To: ${SIMULATOR}`, ...LINES].join('\r\n'));
  const answer = await mailer.send({ from, to: SIMULATOR, raw, tags: {} });
  log.warn(`SES, asked on trial: ${answer.kind}`, {
    ...('why' in answer && { why: answer.why }),
    ...('cause' in answer && errorInLog(answer.cause)),
  });
  return answer;
}
