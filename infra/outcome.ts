/** What a command says at its end, and the exit code of its process: 0 done, 1 a fault or a finding. */
export interface Outcome {
  readonly text: string;
  readonly exitCode: 0 | 1;
}
