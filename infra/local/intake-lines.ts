/** What somebody has to know to send events to the twin's intake: its address and its key, in a command that can be run. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { stageConfig } from '../config.ts';
import type { RunningTwin } from './twin.ts';

/**
 * No lines for an assembly that has no intake.
 *
 * @param isLive whether the clock of the twin goes with that of the machine, by which the examples sign
 */
export async function intakeLines(
  twin: Pick<RunningTwin, 'endpoint' | 'region' | 'functionUrls'>,
  isLive: boolean,
): Promise<string[]> {
  const { stage } = stageConfig('local');
  const url = twin.functionUrls.get(`perennial-${stage}-ingest`);
  if (url === undefined) return [];
  // The twin takes any key for the administrator's.
  const credentials = { accessKeyId: 'start', secretAccessKey: 'start' };
  const client = new SecretsManagerClient({ endpoint: twin.endpoint, region: twin.region, credentials });
  try {
    const { SecretString: secret } = await client.send(
      new GetSecretValueCommand({ SecretId: `perennial-${stage}-intake` }),
    );
    return [
      isLive
        ? 'To post an event without AWS credentials:'
        : 'The intake. The clock stands still here, so what is signed with the time of this machine, as by this example, is refused as expired:',
      `  INTAKE_URL=${url} INTAKE_SECRET=${secret} sh docs/intake/send-events.sh event.json`,
    ];
  } finally {
    client.destroy();
  }
}
