/** An answer to the one question of a mail, as an event; pressing the button again, however much later, is no other answer. */
import type { AnswerLink } from '../../shared/email/links.ts';
import { matterOf } from '../../shared/lifecycle/cases.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { questionAnswered } from '../../shared/lifecycle/events/question-answered.ts';
import { answersOf, isSameMail } from '../../shared/lifecycle/facts/answers.ts';
import type { PageServices } from './services.ts';
import { statement } from './statement.ts';

const SECOND = 1000;

/**
 * @param answer may be another one than that of the link: the reader can pick anew on the page
 * @throws AnnouncementFailed: pressing the button again finishes it
 */
export async function answerQuestion(
  { announcer, playbook, now }: PageServices,
  link: AnswerLink,
  customer: Living,
  answer: string,
): Promise<void> {
  const { programme = '', step = '', episode } = parseKey(link.key) ?? {};
  const { question } = link;
  // To the second: two presses before the first is recorded are the same event.
  const at = Math.floor(now() / SECOND) * SECOND;
  const placed = placedOf(link.key, playbook);
  const about = placed && episode !== undefined ? matterOf(customer, placed, episode, playbook) : episode;
  // A complaint that was opened again is asked about again, and is no other complaint.
  const mail = {
    ...(about !== undefined && { about }),
    ...(episode !== undefined && episode !== about && { episode }),
  };
  const asked = { programme, step, question, ...mail };
  const known = answersOf(customer.facts.answers).find((each) => isSameMail(each, { ...asked, at, id: '' }));
  if (known?.answer === answer) return;
  await announcer.announce([statement(link, questionAnswered.type, at, { ...asked, answer })]);
}
