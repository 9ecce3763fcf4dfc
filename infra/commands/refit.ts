/** The command line of `npm run refit`: shows what the last census proposes, and writes it into the playbook on request. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { movesTold } from '../../shared/lifecycle/census/moves.ts';
import { changesOfRule, isSameRule, type Proposal } from '../../shared/lifecycle/census/proposal.ts';
import { stageName } from '../../shared/lifecycle/explain/stage-words.ts';
import { dateOf, plural } from '../../shared/lifecycle/explain/when.ts';
import { applyTo } from '../backtest/proposal.ts';
import { UsageError } from '../local/usage-error.ts';
import { readPlaybookFile } from '../playbook-file.ts';
import { openTarget, readArguments, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';

const PLAYBOOK_FILE = path.join(import.meta.dirname, '../../shared/content/playbook.json');

const HELP = `Shows the rule of silence as the last census fitted it to the shop, and how many people it would move.

  npm run refit                          what is proposed, in the local twin
  npm run refit -- --stage prod
  npm run refit -- --stage prod --apply  writes it into the playbook

The census fits the rule once a week and changes nothing. Nor does this command for any customer: it writes the file,
and npm run publish makes it live, after showing whom it moves.

  --apply          writes the proposal into the playbook
  --content DIR    the content the playbook of which is written (default shared/content)

${TARGET_HELP}

Exit codes: 0 told or written, 1 a fault, 2 something in the command to put right.
`;

const { playbook: _live, ...WHERE } = TARGET_OPTIONS;
const OPTIONS = { ...WHERE, apply: { type: 'boolean' }, content: { type: 'string' } } as const;

/** @throws UsageError */
export async function refitCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  if (positionals[0] !== undefined) throw new UsageError(`expected options only, found "${positionals[0]}"`);
  const target = await openTarget(values);
  let proposal: Proposal | undefined;
  try {
    proposal = (await target.records.census.read())?.figures?.proposal;
  } finally {
    target.records.close();
  }
  const said = [`In ${target.name}:`, ...linesOf(proposal)];
  if (values.apply !== true) return said.join('\n');
  if (proposal?.verdict !== 'proposed') throw new UsageError([...said, 'There is nothing to apply.'].join('\n'));
  const file = values.content === undefined ? PLAYBOOK_FILE : path.join(values.content, 'playbook.json');
  await write(file, proposal);
  return [...said, '', `Written into ${file}. npm run publish makes it live.`].join('\n');
}

function linesOf(proposal: Proposal | undefined): readonly string[] {
  if (proposal === undefined) return ['No census has fitted the rule of silence yet; it is taken at night, 02:10 UTC.'];
  const when = `fitted on ${dateOf(proposal.at)}, from ${plural(proposal.customers, 'customer')} with orders`;
  switch (proposal.verdict) {
    case 'nothing to fit':
      return ['The rule in force is a fixed number of days: there is nothing to fit.'];
    case 'not enough data':
    case 'dropout not identified':
    case 'at its bounds':
      return [`Nothing is proposed, ${when}: ${proposal.verdict}.`];
    case 'proposed': {
      const changes = changesOfRule(proposal.live, proposal.proposed);
      if (changes.length === 0) return [`The rule comes out as it is, ${when}.`];
      const moved = movesTold(proposal.moves);
      const all = moved.reduce((sum, { people }) => sum + people, 0);
      return [
        `Proposed, ${when}:`,
        ...changes.map(([field, now, next]) => `  stages.cadence.${field}: ${now} → ${next}`),
        `${plural(all, 'person', 'people')} would change stage${all === 0 ? '.' : ':'}`,
        ...moved.map(
          ({ from, to, people }) => `  ${stageName(from)} → ${stageName(to)}: ${people.toLocaleString('en')}`,
        ),
      ];
    }
    default:
      return proposal satisfies never;
  }
}

/** @throws UsageError when there is no such playbook, or another rule stands in it than the one that was fitted */
async function write(file: string, { live, proposed }: Extract<Proposal, { verdict: 'proposed' }>): Promise<void> {
  const { text, playbook } = await readPlaybookFile(file);
  if (!isSameRule(playbook.stages.cadence, live)) {
    throw new UsageError(
      `stages.cadence of ${file} is not the rule that was in force when it was fitted: publish the file as it is, and wait for the census of the next night`,
    );
  }
  await writeFile(file, applyTo(text, proposed));
}
