/** What a backtest has found, in the lines of a terminal. */
import { stageName } from '../../../shared/lifecycle/explain/stage-words.ts';
import { dateOf, plural } from '../../../shared/lifecycle/explain/when.ts';
import { STAGES } from '../../../shared/lifecycle/stage.ts';
import type { Change } from '../changes.ts';
import { RULES } from '../scoring/rules.ts';
import { POPULATIONS } from '../scoring/verdict.ts';
import type { Report } from './report.ts';
import { area, count, lastDayOf, percent, RULE_LABELS, knownSum } from './words.ts';

/** Widths of columns. */
const NAME = 17;
const SCORE = 28;

export function changesInWords(changes: readonly Change[]): readonly string[] {
  return changes.map(({ field, now = '(not there)', next = '(goes)' }) => `  ${field}: ${now} → ${next}`);
}

function scoresInWords({ scoring, evidence, asked }: Report): readonly string[] {
  const heads = [`all (${count(evidence.people)})`, `two order days or more (${count(evidence.repeat)})`];
  const rows = RULES.flatMap((rule) => {
    const cells = POPULATIONS.map((population) => {
      const score = scoring[population][rule];
      return score === undefined || Number.isNaN(score.auc)
        ? 'unknown'
        : `${area(score.auc)} (${area(score.low)} to ${area(score.high)})`;
    });
    return [`  ${RULE_LABELS[rule].padEnd(NAME)}${cells.map((cell) => cell.padEnd(SCORE)).join('')}`.trimEnd()];
  });
  return [
    `Area under the curve and its 95 % interval; orders up to ${asked.cut}, judged by the ${asked.horizonDays} days after it`,
    `  ${''.padEnd(NAME)}${heads.map((head) => head.padEnd(SCORE)).join('')}`.trimEnd(),
    ...rows,
  ];
}

export function reportInWords(report: Report): readonly string[] {
  const { shop, verdict, simulation, holdout } = report;
  const { stagesAtEnd, sent, busiestHour, quotaUse } = simulation;
  const [said = '', ...why] = verdict.sentences;
  const stages = STAGES.filter((stage) => stagesAtEnd[stage] > 0);
  return [
    `${plural(shop.people, 'person', 'people')}, ${plural(shop.orders, 'order')}, ${dateOf(Date.parse(shop.from))} to ${dateOf(Date.parse(shop.to))}`,
    '',
    said,
    ...why.map((sentence) => `  ${sentence}`),
    '',
    ...scoresInWords(report),
    '',
    `By ${lastDayOf(simulation)}: ${stages.map((stage) => `${stageName(stage)} ${count(stagesAtEnd[stage])}`).join(', ')}`,
    `${plural(sent, 'mail')} would have gone out; ${plural(busiestHour.mails, 'mail')} in the busiest hour, ${percent(quotaUse.ofPerSecond)} of the rate`,
    holdout.people === 0
      ? 'Holdout: nobody'
      : `Holdout: ${plural(holdout.people, 'person', 'people')} without promotional mail, ${plural(holdout.mails, 'mail')} not sent; they have ordered for ${knownSum(holdout.pastRevenue, holdout.amountsUnknown)}`,
    'It scores targeting, never uplift: what mails bring in, only the holdout can tell.',
  ];
}
