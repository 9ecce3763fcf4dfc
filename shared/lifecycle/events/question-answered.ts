import * as z from 'zod/mini';
import { addAnswer } from '../facts/answers.ts';
import { defineEvent } from './definition.ts';
import { customerId, playbookName } from './fields.ts';

export const questionAnswered = defineEvent({
  type: 'Question Answered',
  summary: 'The reader answered the one question of a mail, with one of the answers it offered; there is no free text.',
  data: z.object({
    customerId,
    programme: playbookName('the programme of the mail that asked'),
    step: playbookName('the step of the mail that asked'),
    question: playbookName('the question, as the playbook calls it'),
    answer: playbookName('the answer, as the playbook calls it'),
  }),
  example: { customerId: 'c-1042', programme: 'win-back', step: 'ask', question: 'reason', answer: 'price' },
  fold: (facts, event) => {
    const { customerId: _id, ...said } = event.data;
    const known = facts.answers ?? [];
    const answers = addAnswer(known, { at: event.occurredAt, id: event.id, ...said });
    return answers === known ? facts : { ...facts, answers };
  },
});
