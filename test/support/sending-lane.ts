/** A lane in memory: as open, as fast and as patient as a test wants it. */
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import type { SendQuota } from '../../shared/adapters/mailer.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';
import type { ComposedMail } from '../../functions/send/compose.ts';
import { type LaneServices, type LaneSettings, SendingLane } from '../../functions/send/lane.ts';
import type { Stopwatch } from '../../functions/send/pace.ts';
import { SILENT } from './counting-meter.ts';

/** Time that passes only by waiting for it. */
export class HandStopwatch implements Stopwatch {
  now: Duration = 0;
  readonly waits: Duration[] = [];

  elapsed(): Duration {
    return this.now;
  }

  async wait(duration: Duration): Promise<void> {
    this.waits.push(duration);
    this.now += duration;
  }
}

/** For tests that look at what sending costs, and not at what is sent. */
export const ANY_MAIL: ComposedMail = {
  from: 'shop@example.com',
  to: 'anna@example.com',
  raw: new Uint8Array(),
  tags: {},
  release: 'r',
  template: 't',
  locale: 'en',
};

const NO_LIMIT: SendQuota = { perDay: Infinity, perSecond: Infinity };

export function laneInMemory(
  now: () => Instant,
  services: Partial<Omit<LaneServices, 'now'>> & { readonly lanes?: LaneStore } = {},
  settings: Partial<LaneSettings> = {},
): SendingLane {
  return new SendingLane(
    {
      lanes: new MemoryLaneStore(),
      meter: SILENT,
      quota: async () => NO_LIMIT,
      askSes: async () => ({ kind: 'accepted', messageId: '' }),
      stopwatch: new HandStopwatch(),
      now,
      ...services,
    },
    { quotaShare: 1, senders: 1, shadow: false, ...settings },
  );
}
