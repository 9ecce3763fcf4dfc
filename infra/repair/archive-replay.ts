/** Replaying the archive of the bus to the intake alone: whoever else listens on the bus has heard it all. */
import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  type EventBridgeClient,
  ResourceNotFoundException,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import type { Instant } from '../../shared/lifecycle/time.ts';

export interface ReplayState {
  /** `failed`: it ended without having replayed everything, and its name is used up. */
  readonly state: 'running' | 'completed' | 'failed';
  /** The time of the event that was replayed last. */
  readonly reached: Instant | undefined;
  /** What AWS says of it, mostly nothing. */
  readonly reason: string | undefined;
}

/** How a replay stands; undefined when there is none of the name. */
export async function replayState(bus: EventBridgeClient, name: string): Promise<ReplayState | undefined> {
  try {
    const {
      State,
      StateReason: reason,
      EventLastReplayedTime,
    } = await bus.send(new DescribeReplayCommand({ ReplayName: name }));
    const about = { reached: EventLastReplayedTime?.getTime(), reason };
    if (State === 'COMPLETED') return { state: 'completed', ...about };
    return { state: State === 'STARTING' || State === 'RUNNING' ? 'running' : 'failed', ...about };
  } catch (cause) {
    if (cause instanceof ResourceNotFoundException) return undefined;
    throw cause;
  }
}

/** Which archive, and to whom. */
export interface ReplayOrder {
  readonly name: string;
  readonly archive: string;
  readonly busName: string;
  /** The rule of the intake. */
  readonly rule: string;
  readonly from: Instant;
  readonly until: Instant;
}

/** Starts a replay; started a second time under the same name it is refused, and the first goes on. */
export async function startReplay(
  bus: EventBridgeClient,
  { name, archive, busName, rule, from, until }: ReplayOrder,
): Promise<void> {
  const [{ ArchiveArn, EventSourceArn }, { Arn = '' }] = await Promise.all([
    bus.send(new DescribeArchiveCommand({ ArchiveName: archive })),
    bus.send(new DescribeRuleCommand({ Name: rule, EventBusName: busName })),
  ]);
  await bus.send(
    new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: ArchiveArn,
      EventStartTime: new Date(from),
      EventEndTime: new Date(until),
      Destination: { Arn: EventSourceArn, FilterArns: [Arn] },
    }),
  );
}
