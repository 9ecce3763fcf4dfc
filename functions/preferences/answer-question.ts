/** An answer to the one question of a mail, as an event; pressing the button twice is one answer. */
import type { AnswerLink } from '../../shared/email/links.ts';
import { matterOf } from '../../shared/lifecycle/cases.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { questionAnswered } from '../../shared/lifecycle/events/question-answered.ts';
import { answersOf } from '../../shared/lifecycle/facts/answers.ts';
import { DAY, type Duration } from '../../shared/lifecycle/time.ts';
import type { PageServices } from './services.ts';
import { statement } from './statement.ts';

/** The same answer within this of the last one is the same act; in another mail a year later it is a new one. */
const SAME_ACT: Duration = DAY;
const SECOND: Duration = 1000;

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
  const known = answersOf(customer.facts.answers).find((each) => each.question === question);
  const placed = placedOf(link.key, playbook);
  const about = placed && episode !== undefined ? matterOf(customer, placed, episode, playbook) : episode;
  // Two complaints may be answered alike on one day, and each has to hear of it.
  const isSame =
    known?.answer === answer && known.programme === programme && known.step === step && known.about === about;
  if (isSame && at - known.at < SAME_ACT) return;
  await announcer.announce([statement(link, questionAnswered.type, at, { programme, step, question, answer, about })]);
}
