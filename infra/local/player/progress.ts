/** How far a play has come: a bar on a terminal, a line per tenth elsewhere, so that a log stays short. */
import { SingleBar, Presets } from 'cli-progress';
import type { Played } from './play.ts';

const LINES = 10;

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface Progress {
  readonly update: (played: Played) => void;
  readonly stop: () => void;
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** @param what what is counted, in the plural, such as "deliveries" */
export function showProgress(output: Output, what: string): Progress {
  return output.isTTY === true ? bar(output, what) : lines(output, what);
}

function bar(output: NodeJS.WritableStream, what: string): Progress {
  const single = new SingleBar(
    {
      stream: output,
      format: `  {day}  {bar}  {percentage} %  {value} of {total} ${what}  {duration_formatted} so far, {eta_formatted} left`,
      hideCursor: true,
      // Without a key press the terminal keeps its own Ctrl-C, which the command handles itself.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update: ({ told, total, now }) => {
      if (!started) single.start(total, 0, { day: dayOf(now) });
      started = true;
      single.update(told, { day: dayOf(now) });
    },
    stop: () => single.stop(),
  };
}

function lines(output: Output, what: string): Progress {
  let said = 0;
  return {
    update: ({ told, total, now }) => {
      const tenth = total === 0 ? LINES : Math.floor((told * LINES) / total);
      if (tenth <= said) return;
      said = tenth;
      output.write(`${dayOf(now)}  ${told} of ${total} ${what}\n`);
    },
    stop: () => undefined,
  };
}
