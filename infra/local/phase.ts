/** How far a part of a command has come: a bar on a terminal, one line at its end elsewhere, so that a log stays short. */
import { Presets, SingleBar } from 'cli-progress';

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface Phase {
  /** @param share 0 to 1 */
  readonly update: (share: number) => void;
  /** It is over, whether it has come to its end or not. */
  readonly stop: () => void;
}

const WHOLE = 100;

/** @param what what is done, such as "reading orders.csv" */
export function showPhase(output: Output, what: string): Phase {
  const bar = new SingleBar(
    {
      stream: output,
      format: `  {bar}  {percentage} %  ${what}  {duration_formatted} so far, {eta_formatted} left`,
      hideCursor: true,
      // Without a key press the terminal keeps its own Ctrl-C.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  if (output.isTTY !== true) {
    return { update: () => undefined, stop: () => output.write(`${what}: done\n`) };
  }
  bar.start(WHOLE, 0);
  return { update: (share) => bar.update(Math.floor(WHOLE * share)), stop: () => bar.stop() };
}
