/** What the local twin can be asked: whether everything it runs is there, and whether SES takes mail. */
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetAccountSendingEnabledCommand, GetSendQuotaCommand, SESClient } from '@aws-sdk/client-ses';
import { expectContentTable, type Target } from '../target.ts';
import { type Finding, finding, ok } from './finding.ts';

/** @param target the twin, whose table of customers is there */
export async function checkTwin(target: Target, busName: string): Promise<readonly Finding[]> {
  const { access, records } = target;
  const bus = new EventBridgeClient(access);
  const ses = new SESClient(access);
  try {
    await expectContentTable(target);
    const [{ Rules = [] }, { Enabled }, quota] = await Promise.all([
      bus.send(new ListRulesCommand({ EventBusName: busName })),
      ses.send(new GetAccountSendingEnabledCommand({})),
      ses.send(new GetSendQuotaCommand({})),
    ]);
    return [
      ok('tables', `${records.tableName} and the content beside it`),
      Rules.length > 0
        ? ok('bus', `${busName}, ${Rules.length} rules`)
        : finding('problem', 'bus', `no rule listens to ${busName}`, 'Start the twin anew', 'npm start'),
      Enabled === true
        ? ok('SES', `takes mail: ${quota.Max24HourSend} a day, ${quota.SentLast24Hours} sent in 24 hours`)
        : finding(
            'problem',
            'SES',
            'sending is switched off',
            'Switch it on',
            `aws ses update-account-sending-enabled --enabled --endpoint-url ${access.endpoint ?? ''}`,
          ),
    ];
  } catch (error) {
    // As long as the past is played, nobody else is served.
    if (!(error instanceof Error && error.name === 'ServiceUnavailable')) throw error;
    return [finding('problem', 'twin', error.message.replace(/\.$/u, ''), 'Wait until it serves, then look again')];
  } finally {
    bus.destroy();
    ses.destroy();
  }
}
