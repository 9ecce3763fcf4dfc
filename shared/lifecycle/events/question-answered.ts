import * as z from 'zod/mini';
import { addAnswer, isNews } from '../facts/answers.ts';
import { withVerdict } from '../facts/complaints.ts';
import { addNps, NPS_QUESTION, scoreOf } from '../facts/nps.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, playbookName } from './fields.ts';

/** Who says that a complaint is solved closes it, and who says that it is not opens it again. */
const SOLVED = { question: 'solved', yes: 'yes', no: 'no' } as const;

export const questionAnswered = defineEvent({
  type: 'Question Answered',
  summary: 'The reader answered the one question of a mail, with one of the answers it offered; there is no free text.',
  data: z.object({
    customerId,
    programme: playbookName('the programme of the mail that asked'),
    step: playbookName('the step of the mail that asked'),
    question: playbookName('the question, as the playbook calls it'),
    answer: playbookName('the answer, as the playbook calls it'),
    about: z.optional(identifier('what the mail was about, such as the complaint id')),
    episode: z.optional(
      identifier('which mail asked, where there may be several about the same, such as a complaint opened again'),
    ),
  }),
  example: {
    customerId: 'c-1042',
    programme: 'win-back',
    step: 'ask',
    question: 'reason',
    answer: 'price',
    about: '2',
  },
  fold: (facts, event) => {
    const { about, episode, programme, step, question, answer } = event.data;
    const stamp = { at: event.occurredAt, id: event.id };
    const said = {
      ...stamp,
      question,
      answer,
      programme,
      step,
      ...(about !== undefined && { about }),
      ...(episode !== undefined && { episode }),
    };
    const answers = addAnswer(facts, said);
    if (answers === undefined) return undefined;
    const heard = answers === facts.answers ? facts : { ...facts, answers };
    const score = question === NPS_QUESTION ? scoreOf(answer) : undefined;
    if (score !== undefined) {
      // The same button pressed again is no other answer, however much later.
      const nps = isNews(answers, said) ? addNps(facts.nps, { ...stamp, score }) : facts.nps;
      return nps === undefined || nps === facts.nps ? heard : { ...heard, nps };
    }
    const isVerdict = question === SOLVED.question && (answer === SOLVED.yes || answer === SOLVED.no);
    if (!isVerdict || about === undefined) return heard;
    const complaints = withVerdict(facts.complaints, about, stamp, answer === SOLVED.yes);
    return complaints && (complaints === facts.complaints ? heard : { ...heard, complaints });
  },
});
