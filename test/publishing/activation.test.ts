/** Other rules for the stages: since when they count, who changes stage, and that everybody is looked at again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { compiledRelease } from '../../infra/build.ts';
import { beginningOf, contentIdOf, isSamePolicy, withBeginning } from '../../infra/activation/beginning.ts';
import { changesInWords } from '../../infra/activation/activating.ts';
import { movedByDeploying } from '../../infra/activation/deployed-rules.ts';
import { rearm, type RearmServices, unfinishedActivation } from '../../infra/activation/rearm.ts';
import { countStageChanges } from '../../infra/activation/stage-changes.ts';
import { refusal } from '../../infra/commands/deploy.ts';
import {
  besides,
  digestOf,
  type Edition,
  partNames,
  readEdition,
  readOutline,
} from '../../infra/publishing/edition.ts';
import { isLive, readLive, readRelease } from '../../infra/publishing/live.ts';
import { moveTo, publish, writeDeployed } from '../../infra/publishing/publish.ts';
import { goalAt, goBack, unreadable } from '../../infra/publishing/way-back.ts';
import { WalkOvertaken } from '../../infra/walking.ts';
import { recordCustomer } from '../../functions/record/record-customer.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import { MemoryReleaseStore } from '../../shared/adapters/memory-release-store.ts';
import { MemoryWalkBook } from '../../shared/adapters/memory-walk-book.ts';
import type { Move } from '../../shared/adapters/release-store.ts';
import { PLAYBOOK_PART, readPublishedPlaybook } from '../../shared/email/published-playbook.ts';
import { MANIFEST_FILE } from '../../shared/email/release.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { stageNameOf, type StagePolicy } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { day, event, START } from '../support/events.ts';
import { Pipeline } from '../support/pipeline.ts';
import { PLAYBOOK_FOR_RULES, POLICY } from '../support/playbooks.ts';
import { SHIPPED_CONTENT, SHIPPED_PLAYBOOK } from './shipped.ts';

let shipped: Edition;

beforeAll(async () => {
  shipped = await readEdition(await compiledRelease(SHIPPED_CONTENT), SHIPPED_PLAYBOOK, SHIPPED_CONTENT);
});

/** Everybody at risk and lapsed half as soon. */
const SOONER: StagePolicy = { ...POLICY, cadence: { rule: 'fixed', atRiskAfter: 45 * DAY, lapsedAfter: 90 * DAY } };

/** The shipped content with another playbook, as if a marketer had written that. */
function ruled(stages: StagePolicy): Edition {
  const playbook: Playbook = { ...shipped.playbook, stages };
  const id = contentIdOf(shipped.id).replace(/.$/u, stages === POLICY ? 'x' : 'y');
  const manifest = { ...shipped.manifest, id };
  const parts = new Map(shipped.parts)
    .set(MANIFEST_FILE, JSON.stringify(manifest))
    .set(PLAYBOOK_PART, JSON.stringify(playbook));
  return { ...shipped, id, manifest, playbook, parts, digest: digestOf(parts, partNames(manifest)) };
}

const by = (at: number, activates = true) => ({ at, by: 'anna', activates });

describe('rules for the stages', () => {
  it('are the same whenever they began', () => {
    expect(isSamePolicy(POLICY, { ...POLICY, activeFrom: START })).toBe(true);
    expect(isSamePolicy(POLICY, SOONER)).toBe(false);
  });

  it('begin when they are published in place of others, and keep their beginning after that', () => {
    const [before, after] = [ruled(POLICY), ruled(SOONER)];
    expect(beginningOf(after, before, START)).toBe(START);
    expect(beginningOf(before, before, START)).toBeUndefined();
    expect(beginningOf(after, withBeginning(after, START), START + DAY)).toBe(START);
    expect(beginningOf(after, undefined, START)).toBeUndefined();
  });

  it('say their beginning to functions, in a release of its own, and not in what marketers wrote', async () => {
    const store = new MemoryReleaseStore();
    const [before, after] = [ruled(POLICY), ruled(SOONER)];
    await publish(store, before, undefined, by(START, false));
    const begun = withBeginning(after, START + DAY);
    await publish(store, begun, await store.latest(), by(START + DAY));
    const playbook = await readPublishedPlaybook((name) => store.readPart(begun.id, name));
    expect(playbook.stages).toEqual({ ...SOONER, activeFrom: START + DAY });
    expect(begun.sources).toEqual(after.sources);
    expect(begun.id).not.toBe(after.id);
    expect(contentIdOf(begun.id)).toBe(after.id);
    expect(await readOutline(store, begun.id)).toMatchObject({ manifest: { id: begun.id }, digest: begun.digest });
    // The same content is found to be live, whenever it is compiled.
    const live = await readLive(store);
    expect(isLive(live, withBeginning(after, beginningOf(after, live.outline, START + 9 * DAY)))).toBe(true);
    expect(isLive(live, withBeginning(before, beginningOf(before, live.outline, START + 9 * DAY)))).toBe(false);
  });

  it('begin anew when somebody goes back to them', async () => {
    const store = new MemoryReleaseStore();
    await publish(store, ruled(POLICY), undefined, by(START, false));
    await publish(store, withBeginning(ruled(SOONER), START + DAY), await store.latest(), by(START + DAY));
    const first = (await store.history()).at(-1);
    const back = async (at: number) => {
      const outline = await readOutline(store, first?.releaseId ?? '');
      return goBack(store, goalAt(first), outline, await readLive(store), by(at));
    };
    expect(await back(START + 2 * DAY)).toMatchObject({ kind: 'moved', move: { number: 3, activates: true } });
    const { outline } = await readLive(store);
    expect(outline?.playbook.stages).toEqual({ ...POLICY, activeFrom: START + 2 * DAY });
    expect(await store.readParts(outline?.id ?? '')).toHaveProperty('size', shipped.parts.size + 2);
  });

  it('begin anew when somebody goes back to what was deployed, which is stored for that', async () => {
    const store = new MemoryReleaseStore();
    await writeDeployed(store, ruled(POLICY), START - DAY, 'anna');
    await publish(store, withBeginning(ruled(SOONER), START), undefined, by(START));
    const goal = goalAt(undefined);
    const outline = await readRelease(store, undefined);
    const live = await readLive(store);
    expect(await unreadable(store, goal, outline, live, START + DAY)).toBeUndefined();
    expect(await goBack(store, goal, outline, live, by(START + DAY))).toMatchObject({ kind: 'moved' });
    const now = await readLive(store);
    expect(now.outline?.playbook.stages).toEqual({ ...POLICY, activeFrom: START + DAY });
    expect(contentIdOf(now.move?.releaseId ?? '')).toBe(outline?.id);
  });

  it('of a deployment that is not stored as a whole cannot be gone back to, and those of today can', async () => {
    const store = new MemoryReleaseStore();
    const deployed = ruled(POLICY);
    // As an earlier version of the code wrote down what it deployed.
    const outlined = [...deployed.parts].filter(([name]) => name === MANIFEST_FILE || name === PLAYBOOK_PART);
    const { sources, summary } = besides(deployed, START - DAY, 'anna');
    for (const part of [...outlined, sources, summary]) await store.writePart(deployed.id, ...part);
    await store.setDeployed({ releaseId: deployed.id, at: START - DAY });
    await publish(store, withBeginning(ruled(SOONER), START), undefined, by(START));
    const outline = await readRelease(store, undefined);
    const back = async (outlineLive: typeof outline) =>
      unreadable(store, goalAt(undefined), outline, { ...(await readLive(store)), outline: outlineLive }, START + DAY);
    expect(await back((await readLive(store)).outline)).toMatch(/^what was deployed has other rules for the stages/u);
    expect(await back(outline)).toBeUndefined();
  });
});

/** Ten customers who bought once, one every ten days before day 100. */
async function tenCustomers(): Promise<Pipeline> {
  const pipeline = new Pipeline(PLAYBOOK_FOR_RULES, day(0));
  for (let n = 0; n < 10; n += 1) {
    const customerId = `c-${n}`;
    await pipeline.waitUntil(day(n * 10));
    const data = { customerId, orderId: `o-${n}`, total: 10, currency: 'EUR', email: `${customerId}@example.com` };
    const consent = { marketing: 'opt_in', source: 'shop', at: new Date(day(n * 10)).toISOString() };
    await pipeline.deliver(event('Purchase Completed', day(n * 10), { ...data, consent }, `e-${n}`));
  }
  await pipeline.waitUntil(day(100));
  return pipeline;
}

const known = async () => {
  const pipeline = await tenCustomers();
  return new MemoryCensus(() => pipeline.store.profiles, 4);
};

describe('a deployment with other rules', () => {
  const nobody = new MemoryCensus(() => [], 4);

  it('is refused once there are customers, with whom it would move and what to do instead', async () => {
    const [releases, census] = [new MemoryReleaseStore(), await known()];
    // Before the first deployment, nobody can say what it replaces.
    expect(await movedByDeploying({ releases, census }, ruled(SOONER), day(100))).toBeUndefined();
    await writeDeployed(releases, ruled(POLICY), START, 'anna');
    const moved = await movedByDeploying({ releases, census }, ruled(SOONER), day(100));
    expect(moved).toEqual(await countStageChanges(census, POLICY, SOONER, day(100)));
    expect(refusal('prod', moved ?? { customers: 0, changes: [] })).toMatch(
      /^The rules for the stages are others: [1-9] people of 10 would change stage\.\n(?:.*\n)+Publish them first: npm run publish -- --stage prod\./u,
    );
    expect(await movedByDeploying({ releases, census: nobody }, ruled(SOONER), day(100))).toBeUndefined();
    expect(await movedByDeploying({ releases, census }, ruled(POLICY), day(100))).toBeUndefined();
  });

  it('is none where what was published stays live, and is one again after going back to what was deployed', async () => {
    const [releases, census] = [new MemoryReleaseStore(), await known()];
    await writeDeployed(releases, ruled(POLICY), START, 'anna');
    await publish(releases, ruled(POLICY), undefined, by(START, false));
    expect(await movedByDeploying({ releases, census }, ruled(SOONER), day(100))).toBeUndefined();
    // Functions that are deployed with another format do not read it any more.
    const newer = { ...ruled(SOONER), format: shipped.format + 1 };
    expect(await movedByDeploying({ releases, census }, newer, day(100))).toBeDefined();
    await moveTo(releases, undefined, await releases.latest(), by(START, false));
    expect(await movedByDeploying({ releases, census }, ruled(SOONER), day(100))).toBeDefined();
  });

  it('that was made all the same is a move, by which everybody can be looked at again', async () => {
    const [releases, walks] = [new MemoryReleaseStore(), new MemoryWalkBook()];
    expect(await writeDeployed(releases, ruled(POLICY), START, 'anna')).toBeUndefined();
    expect(await writeDeployed(releases, ruled(POLICY), START + HOUR, 'anna')).toBeUndefined();
    expect(await unfinishedActivation(releases, walks)).toBeUndefined();
    const move = await writeDeployed(releases, ruled(SOONER), START + DAY, 'anna');
    expect(move).toMatchObject({ number: 1, at: START + DAY, activates: true });
    expect(move?.releaseId).toBeUndefined();
    expect(await unfinishedActivation(releases, walks)).toEqual({ move, done: 0 });
    expect((await readLive(releases)).outline?.playbook.stages).toEqual(SOONER);
    // What is published stays live, whatever is deployed beside it.
    await publish(releases, ruled(SOONER), move, by(START + 2 * DAY, false));
    expect(await writeDeployed(releases, ruled(POLICY), START + 3 * DAY, 'anna')).toBeUndefined();
  });
});

class Died extends Error {
  override readonly name = 'Died';
}

/** Services that die at a call, half of the times after having done what they were asked for. */
function mortal(pipeline: Pipeline, walks: MemoryWalkBook, heard: Announcement[], diesAt: number) {
  let calls = 0;
  const risk = async <T>(act: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls !== diesAt) return act();
    if (calls % 2 === 0) await act();
    throw new Died(`call ${calls}`);
  };
  const slept: number[] = [];
  const services: RearmServices = {
    walks: {
      read: (name) => risk(() => walks.read(name)),
      save: (walk, expected) => risk(() => walks.save(walk, expected)),
    },
    customers: new MemoryCensus(() => pipeline.store.profiles, 4),
    announcer: { announce: (all) => risk(async () => void heard.push(...all)) },
    now: () => pipeline.now,
    sleep: async (duration) => slept.push(duration),
  };
  return { services, slept, calls: () => calls };
}

const MOVE: Move = { number: 4, releaseId: 'r', format: 1, at: day(100), by: 'anna', activates: true };

describe('activating other rules', () => {
  it('says first who would change stage, from and to', async () => {
    const pipeline = await tenCustomers();
    const customers = new MemoryCensus(() => pipeline.store.profiles, 4);
    const told: number[] = [];
    const found = await countStageChanges(customers, POLICY, SOONER, day(100), (people) => told.push(people));
    const expected = (n: number, policy: StagePolicy) => {
      const profile = pipeline.store.profiles.find(({ customerId }) => customerId === `c-${n}`);
      return profile?.kind === 'living' ? stageNameOf(profile.facts, policy, day(100)) : '';
    };
    const moved = Array.from({ length: 10 }, (_, n) => `${expected(n, POLICY)} ${expected(n, SOONER)}`).filter(
      (each) => each.split(' ')[0] !== each.split(' ')[1],
    );
    expect(found.customers).toBe(10);
    expect(found.pages).toBe(3);
    expect(told).toEqual([4, 8, 10]);
    expect(found.changes.reduce((all, { people }) => all + people, 0)).toBe(moved.length);
    expect(new Set(found.changes.map(({ from, to }) => `${from} ${to}`))).toEqual(new Set(moved));
    expect(changesInWords(found)[0]).toBe(
      `The rules for the stages are others: ${moved.length} people of 10 would change stage.`,
    );
  });

  it('looks at everybody again once functions have them, at a rate, and writes down that it is done', async () => {
    const pipeline = await tenCustomers();
    const walks = new MemoryWalkBook();
    const heard: Announcement[] = [];
    const { services, slept } = mortal(pipeline, walks, heard, Infinity);
    const releases = {
      history: async (): Promise<readonly Move[]> => [{ number: 5, format: 1, at: day(100), by: 'bo' }, MOVE],
    };
    expect(await unfinishedActivation(releases, walks)).toEqual({ move: MOVE, done: 0 });
    expect(await rearm(services, MOVE)).toBe(10);
    expect(slept[0]).toBe(MINUTE);
    expect(slept.slice(1).reduce((all, each) => all + each, 0)).toBeGreaterThanOrEqual((10 * 1000) / 200);
    expect(heard.flatMap(({ data }) => data['customerIds'])).toHaveLength(10);
    expect(await unfinishedActivation(releases, walks)).toBeUndefined();
    expect(await rearm(services, MOVE)).toBe(10);
    expect(heard.flatMap(({ data }) => data['customerIds'])).toHaveLength(10);
  });

  it('killed anywhere and begun again ends the same: everybody was looked at', async () => {
    const pipeline = await tenCustomers();
    let diesAt = 1;
    for (; ; diesAt += 1) {
      const walks = new MemoryWalkBook();
      const heard: Announcement[] = [];
      const dying = mortal(pipeline, walks, heard, diesAt);
      const end = await rearm(dying.services, MOVE).catch((error: unknown) => error);
      if (!(end instanceof Died)) break;
      await rearm(mortal(pipeline, walks, heard, Infinity).services, MOVE);
      const looked = heard.flatMap(({ data }) => data['customerIds']);
      expect(new Set(looked)).toEqual(new Set(Array.from({ length: 10 }, (_, n) => `c-${n}`)));
      // What was said twice has the same id.
      expect(new Set(heard.map(({ id }) => id)).size).toBe(3);
      expect((await walks.read('activation/4'))?.status).toBe('done');
    }
    expect(diesAt).toBeGreaterThan(6);
  });

  it('leaves it to one of two who do it at once', async () => {
    const pipeline = await tenCustomers();
    const walks = new MemoryWalkBook();
    const { services } = mortal(pipeline, walks, [], Infinity);
    const both = await Promise.allSettled([rearm(services, MOVE), rearm(services, MOVE)]);
    const failed = both.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toBeInstanceOf(WalkOvertaken);
  });

  it('puts everybody into the stage of the new rules, and sends nothing that was meant for before', async () => {
    const pipeline = await tenCustomers();
    const stages = { ...SOONER, activeFrom: pipeline.now };
    const playbook: Playbook = { ...PLAYBOOK_FOR_RULES, stages };
    pipeline.playbook = playbook;
    const before = pipeline.mailer.accepted.length;
    const heard: Announcement[] = [];
    await rearm(mortal(pipeline, new MemoryWalkBook(), heard, Infinity).services, MOVE);
    const record = {
      store: pipeline.store,
      addresses: pipeline.addresses,
      addressKey: async () => 'address key',
      announcer: { announce: async () => undefined },
      meter: pipeline.meter,
      playbook,
      releaseId: 'r1',
      now: () => pipeline.now,
    };
    for (const { customerId } of pipeline.store.profiles) {
      await recordCustomer(record, { customerId, events: [], wake: 'activation/4/0' });
    }
    for (const profile of pipeline.store.profiles) {
      if (profile.kind !== 'living') throw new Error('nobody was erased');
      expect(profile.stage).toBe(stageNameOf(profile.facts, stages, pipeline.now));
    }
    await pipeline.waitUntil(day(100) + HOUR);
    const entries = await Promise.all(
      pipeline.store.profiles.map((each) => pipeline.store.readLedger(each.customerId)),
    );
    const early = entries.flat().filter(({ moment, decidedAt }) => decidedAt >= day(100) && moment < day(100));
    expect(early).toEqual([]);
    await pipeline.waitUntil(day(200));
    expect(pipeline.mailer.accepted.length).toBeGreaterThan(before);
  });
});
