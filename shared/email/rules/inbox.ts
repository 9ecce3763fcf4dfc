/** What stands in the list of an inbox: sender, subject and preheader are all that most people ever read. */
import type { SampleReader } from '../sample.ts';
import { findingsIf, type MailRule } from './rule.ts';

/** Characters of a subject that most inboxes show on a desk; a phone shows about forty. */
const SUBJECT_MOST = 60;
/** Characters behind the subject that most inboxes show, and what it takes so that nothing of the body follows there. */
const PREHEADER = { least: 35, most: 110 } as const;

/** Left over where a name was left out: "Welcome, ." */
const DANGLING = /^[\s,.;:!?،؛؟]|,\s*[.?!؟]|\s[.,?!؟،]/u;

/** Marks of direction, which take no room. */
const INVISIBLE = /[\u200e\u200f\u2066-\u2069]/gu;

/** Readers whose values are as long as no value is: what they get need not look good. */
const ABSURD: ReadonlySet<SampleReader['id']> = new Set(['long-name', 'huge-amounts', 'markup']);

const shownLength = (line: string) => line.replaceAll(INVISIBLE, '').length;

export const inbox: MailRule = {
  name: 'the line in the inbox',
  check: ({ mail: { subject, preheader }, reader }) => {
    const dangling = [
      ...findingsIf(DANGLING.test(subject), {
        key: 'subject',
        problem: `the subject for ${reader.title} has punctuation without words: "${subject}"`,
        advice: 'put the punctuation inside the condition',
      }),
      ...findingsIf(subject === '' || preheader === '', {
        key: subject === '' ? 'subject' : 'preheader',
        problem: `the ${subject === '' ? 'subject' : 'preheader'} for ${reader.title} is empty`,
        advice: 'leave words outside the conditions',
      }),
    ];
    if (ABSURD.has(reader.id)) return dangling;
    const length = shownLength(subject);
    const behind = shownLength(preheader);
    return [
      ...dangling,
      ...findingsIf(length > SUBJECT_MOST, {
        key: 'subject',
        problem: `the subject has ${length} characters: "${subject}"`,
        advice: `shorten it to ${SUBJECT_MOST}, or its end is never seen`,
      }),
      ...findingsIf(behind < PREHEADER.least || behind > PREHEADER.most, {
        key: 'preheader',
        problem: `the preheader has ${behind} characters: "${preheader}"`,
        advice: `use ${PREHEADER.least} to ${PREHEADER.most}: less shows the beginning of the body behind it`,
      }),
      ...findingsIf(subject !== '' && preheader.toLowerCase().includes(subject.toLowerCase()), {
        key: 'preheader',
        problem: 'the preheader repeats the subject',
        advice: 'say what comes next',
      }),
    ];
  },
};
