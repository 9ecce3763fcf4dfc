/**
 * The command line of `npm run why`: why a customer stands where they stand, why each message went out or did not, and what happens next,
 * in the sentences of the customer's page.
 */
import { formatKey, parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { MessageLine } from '../../shared/lifecycle/explain/message-lines.ts';
import { capital } from '../../shared/lifecycle/explain/message-name.ts';
import { stageName } from '../../shared/lifecycle/explain/stage-words.ts';
import { type LivingStory, storyOf } from '../../shared/lifecycle/explain/story.ts';
import { absolute, relative } from '../../shared/lifecycle/explain/when.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { UsageError } from '../local/usage-error.ts';
import { readDossier, type Records, UnreadableKey } from '../records.ts';
import { openTarget, readArguments, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';

const HELP = `Says why: a customer's stage, every message and how it ended or what it waits for, and what happens next and when.

  npm run why -- CUSTOMER
  npm run why -- CUSTOMER MESSAGE

CUSTOMER is the id the shop uses. MESSAGE is a step, such as win-back/offer, or the whole key of a message, such as
1/win-back/offer/2.

${TARGET_HELP}

Exit codes: 0 told, 1 a fault, 2 something in the command to put right.
`;

const WIDTH = 110;

/** A paragraph in lines of a terminal's width, the further ones under the first. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length >= WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => indent + each).join('\n');
}

function headLines(story: LivingStory, now: number): readonly string[] {
  const { customerId, stage, since, reasons, entered, dissatisfied, standing } = story;
  return [
    `${customerId}: ${stageName(stage)} since ${absolute(since)} (${relative(since, now)})`,
    wrapped(`${capital(reasons.join('; '))}.`, '  '),
    ...(entered === undefined ? [] : [wrapped(entered, '  ')]),
    ...(dissatisfied === undefined ? [] : [wrapped(`${dissatisfied}.`, '  ')]),
    ...standing.map(({ term, text }) => wrapped(`${term}: ${text}.`, '  ')),
  ];
}

function messageText({ key, name, state, at, sentence, because, made, delivery }: MessageLine): string {
  const told = [sentence, ...because, made, ...(delivery === undefined ? [] : [delivery])];
  return [`${capital(state)}  ${name}  (${key})  ${absolute(at)}`, ...told.map((each) => wrapped(each, '  '))].join(
    '\n',
  );
}

function nextLines({ upcoming, due }: LivingStory, now: number): readonly string[] {
  const items = upcoming.map(({ at, title, detail }) =>
    wrapped(`${absolute(at)} (${relative(at, now)}): ${title}. ${detail}`, '  '),
  );
  if (due === undefined) return ['  Nothing is planned. The next event of this customer decides.'];
  const looked = wrapped(`Looked at again ${absolute(due)} (${relative(due, now)}).`, '  ');
  return items.length === 0 ? ['  No message is planned.', looked] : [...items, looked];
}

/** The messages a word on the command line means. @throws UsageError when there is none */
function chosen(messages: readonly MessageLine[], wanted: string): readonly MessageLine[] {
  const found = messages.filter(({ key }) => {
    const parts = parseKey(key);
    const step = parts && `${parts.programme}/${parts.step}`;
    return key === wanted || step === wanted || (parts !== undefined && formatKey(parts) === wanted);
  });
  if (found.length > 0) return found;
  const known = [...new Set(messages.map(({ key }) => key))].join(', ');
  const there = known === '' ? 'none has been decided for this customer yet' : `this customer has ${known}`;
  throw new UsageError(`no message "${wanted}": ${there}`);
}

/** What could not be taken into account; undefined when everything was. */
async function unreadable(records: Records, hasAddress: boolean): Promise<string | undefined> {
  if (!hasAddress) return undefined;
  try {
    await records.addressKey();
    return undefined;
  } catch (error) {
    if (!(error instanceof UnreadableKey)) throw error;
    return `What is known of the address is left out: ${error.message}.`;
  }
}

/** @throws UsageError */
export async function whyCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, TARGET_OPTIONS);
  if (values.help === true) return HELP;
  const [customerId, message, ...more] = positionals;
  if (customerId === undefined || more.length > 0) {
    throw new UsageError('expected CUSTOMER and perhaps MESSAGE; --help explains the command');
  }
  const { records, playbook, holdout, now, name } = await openTarget(values);
  try {
    const dossier = await readDossier(records, customerId);
    if (dossier === undefined) throw new UsageError(`${name} knows no customer "${customerId}"`);
    const story = storyOf(dossier, { playbook, now, ...(holdout && { holdout }) });
    if (story.kind === 'erased') {
      const text = `${customerId} was erased on ${absolute(story.erasedAt)}. Nothing but this fact is kept; only a new registration with consent begins anew.`;
      return wrapped(text, '');
    }
    if (message !== undefined) {
      return chosen(story.messages, message).map(messageText).join('\n\n');
    }
    const { profile } = dossier;
    const hasAddress = profile.kind === 'living' && personOf(profile.facts.person).email !== undefined;
    const missing = await unreadable(records, hasAddress);
    const messages = story.messages.length === 0 ? ['None has been decided yet.'] : story.messages.map(messageText);
    const parts = [
      [...headLines(story, now), ...(missing === undefined ? [] : [wrapped(missing, '  ')])].join('\n'),
      ['Next, if nothing else happens', ...nextLines(story, now)].join('\n'),
      'Messages, newest first',
      ...messages,
    ];
    return parts.join('\n\n');
  } finally {
    records.close();
  }
}
