import * as z from 'zod/mini';
import { addAnswer } from '../facts/answers.ts';
import { mergeComplaint } from '../facts/complaints.ts';
import { addNps, NPS_QUESTION, scoreOf } from '../facts/nps.ts';
import { defineEvent } from './definition.ts';
import { customerId, identifier, playbookName } from './fields.ts';

/** Who says that a complaint is solved closes it. */
const SOLVED = { question: 'solved', answer: 'yes' } as const;

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
    const { about, programme, step, question, answer } = event.data;
    const stamp = { at: event.occurredAt, id: event.id };
    const answers = addAnswer(facts.answers, {
      ...stamp,
      question,
      answer,
      programme,
      step,
      ...(about !== undefined && { about }),
    });
    const heard = answers === facts.answers ? facts : { ...facts, answers };
    const score = question === NPS_QUESTION ? scoreOf(answer) : undefined;
    if (score !== undefined) {
      const nps = addNps(facts.nps, { ...stamp, score });
      return nps === facts.nps ? heard : { ...heard, nps };
    }
    if (question !== SOLVED.question || answer !== SOLVED.answer || about === undefined) return heard;
    const complaints = mergeComplaint(facts.complaints, { complaintId: about, resolved: stamp });
    return complaints && { ...heard, complaints };
  },
});
