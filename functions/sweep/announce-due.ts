/**
 * Announcing customers whose timer has passed. Each minute takes the timers of the last two minutes, and looks again at
 * some that have stood for up to five, for a claim that nobody settled keeps its timer; every quarter of an hour all that
 * are still due are announced again, so that nothing is lost. Nothing is remembered between runs.
 */
import type { Announcement, Announcer } from '../../shared/adapters/announcer.ts';
import type { DueIndex } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { ANNOUNCED, DUE_BATCH } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { CATCH_UP_MINUTES, LOOK_AGAIN_MINUTES } from '../../shared/contracts/timing.ts';
import { type Instant, MINUTE } from '../../shared/lifecycle/time.ts';

/** A timer written just after the sweep of its minute, or indexed late, is found by the next one. */
const WINDOW_MINUTES = 2;

/**
 * How many of the timers that have stood for two to five minutes are announced again each minute, the oldest first.
 * A message is taken within a minute of its timer and its lease lasts two, so a claim nobody settled is found when its
 * timer is three to four minutes old. Such claims are few: more standing timers than this are a backlog, which `record`
 * drains by thousands a minute, and announcing it again and again would only lengthen its queue.
 */
const LOOK_AGAIN_MOST = 10 * DUE_BATCH;

export interface SweepServices {
  readonly index: DueIndex;
  readonly announcer: Announcer;
  readonly meter: Meter;
}

/**
 * Announces what is due.
 *
 * @param scheduledAt the time the schedule meant, not that of the invocation: a late run leaves no gap
 * @throws AnnouncementFailed when the bus keeps refusing; the quarter's catch-up repeats it
 */
export async function announceDue({ index, announcer, meter }: SweepServices, scheduledAt: Instant): Promise<void> {
  const minute = Math.floor(scheduledAt / MINUTE);
  const until = minute * MINUTE;
  const isCatchUp = minute % CATCH_UP_MINUTES === 0;
  const fresh = until - WINDOW_MINUTES * MINUTE;
  const found = (await index.dueBetween(isCatchUp ? 0 : until - LOOK_AGAIN_MINUTES * MINUTE, until)).toSorted(
    (a, b) => a.dueAt - b.dueAt || (a.customerId < b.customerId ? -1 : 1),
  );
  const standing = found.filter((each) => each.dueAt <= fresh);
  const due = isCatchUp
    ? found
    : [...standing.slice(0, LOOK_AGAIN_MOST), ...found.filter((each) => each.dueAt > fresh)];
  const announcements: Announcement[] = [];
  for (let start = 0; start < due.length; start += DUE_BATCH) {
    const customerIds = due.slice(start, start + DUE_BATCH).map((each) => each.customerId);
    announcements.push({
      detailType: ANNOUNCED.customerDue,
      id: `due/${minute}/${start / DUE_BATCH}`,
      occurredAt: until,
      data: { customerIds },
    });
  }
  await announcer.announce(announcements);
  // Also zero: the metric is the sweep's heartbeat.
  const [oldest] = due;
  if (oldest === undefined) meter.count(METRIC.sweepLag, {}, 0);
  else {
    const about = { due: String(due.length), oldest: oldest.customerId };
    meter.count(METRIC.sweepLag, about, until - oldest.dueAt);
  }
}
