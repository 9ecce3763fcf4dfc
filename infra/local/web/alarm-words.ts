/** Takes an alarm's description apart again, into the sentences it was put together from. */

export interface AlarmWords {
  readonly what: string;
  readonly impact: string | undefined;
  readonly remedy: string | undefined;
  readonly article: { readonly name: string; readonly address: string } | undefined;
  /** What it means that there is no data. */
  readonly without: string | undefined;
}

const PARTS =
  /^(?<what>.*?)(?: Impact: (?<impact>.*?))?(?: What to do: (?<remedy>.*?))?(?: Runbook: (?<address>\S*#(?<name>[\w-]+)))?(?: (?<without>No data .*))?$/su;

/** A description that was not put together by us is all `what`. */
export function alarmWords(description: string): AlarmWords {
  const { what = description, impact, remedy, address, name, without } = PARTS.exec(description)?.groups ?? {};
  const article = address === undefined || name === undefined ? undefined : { name, address };
  return { what, impact, remedy, article, without };
}
