import { beforeAll, describe, expect, it } from 'vitest';
import { compiledRelease } from '../../infra/build.ts';
import { type Edition, readEdition, readOutline } from '../../infra/publishing/edition.ts';
import { isWhole, moveTo, publish, UnfaithfulRelease, writeDeployed } from '../../infra/publishing/publish.ts';
import { MemoryReleaseStore } from '../../shared/adapters/memory-release-store.ts';
import { openPublished, readPublishedPages } from '../../shared/email/published.ts';
import { readPublishedPlaybook } from '../../shared/email/published-playbook.ts';
import { openPageTexts } from '../../shared/email/page-texts.ts';
import { openRelease, UnknownTemplate } from '../../shared/email/release.ts';
import { UnreachablePart, UnreadableRelease } from '../../shared/email/unreadable-release.ts';
import { START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { SHIPPED_CONTENT, SHIPPED_PLAYBOOK } from './shipped.ts';

let directory: string;
let edition: Edition;

beforeAll(async () => {
  directory = await compiledRelease(SHIPPED_CONTENT);
  edition = await readEdition(directory, SHIPPED_PLAYBOOK, SHIPPED_CONTENT);
});

const ANNA = { at: START, by: 'anna' };
const BO = { at: START + 1, by: 'bo', message: 'mine' };

const partAt = async (name: string) => edition.parts.get(name);
const without = (gone: string) => async (name: string) => (name === gone ? undefined : partAt(name));
const garbled = (name: string) => async (each: string) => (each === name ? '{}' : partAt(each));

class Died extends Error {
  override readonly name = 'Died';
}

/** The mails cannot be asked for; all else can. */
const away = async (name: string) => {
  if (name.startsWith('templates/')) throw new Error('away');
  return partAt(name);
};

/** Dies at a write, the first being 0, or writes something else there. */
class Faulty extends MemoryReleaseStore {
  writes = 0;
  diesAt = Infinity;
  garblesAt = Infinity;

  override async writePart(releaseId: string, name: string, text: string) {
    const write = this.writes;
    this.writes += 1;
    if (write >= this.diesAt) throw new Died('write');
    await super.writePart(releaseId, name, write === this.garblesAt ? `${text} ` : text);
  }
}

describe('a publication', () => {
  it('gives functions the mails, playbook and pages they would have been deployed with', async () => {
    const store = new MemoryReleaseStore();
    const moved = await publish(store, edition, undefined, ANNA);
    expect(moved).toEqual({ kind: 'moved', move: { number: 1, releaseId: edition.id, format: 1, ...ANNA } });
    expect(await store.live()).toMatchObject({ releaseId: edition.id });

    const deployed = openRelease(directory);
    const read = (name: string) => store.readPart(edition.id, name);
    const published = await openPublished(read);
    expect(published).toEqual({
      ...deployed,
      playbook: SHIPPED,
      contentFor: expect.any(Function),
      template: expect.any(Function),
    });
    for (const { programme, step, locale, variant } of deployed.templates) {
      expect(await published.template(programme, step, locale, variant)).toEqual(
        deployed.template(programme, step, locale, variant),
      );
    }
    expect(await readPublishedPlaybook(read)).toEqual(SHIPPED);
    expect(await readPublishedPages(read)).toEqual(openPageTexts(directory));
  });

  it('that dies anywhere leaves live what was, and the next one goes on where it ended', async () => {
    for (const diesAt of [0, 1, 20, edition.parts.size, edition.parts.size + 1]) {
      const store = new Faulty();
      store.diesAt = diesAt;
      await expect(publish(store, edition, undefined, ANNA)).rejects.toThrow(Died);
      expect(await store.latest()).toBeUndefined();
      const there = (await store.readParts(edition.id)).size;
      store.diesAt = Infinity;
      store.writes = 0;
      expect(await publish(store, edition, undefined, BO)).toMatchObject({ kind: 'moved', move: { number: 1 } });
      // The summary is written in any case.
      expect(store.writes).toBe(Math.max(1, edition.parts.size + 2 - there));
      expect(await readOutline(store, edition.id)).toMatchObject({ id: edition.id, sources: edition.sources });
    }
  });

  it('whose parts are not what was written changes nothing', async () => {
    const store = new Faulty();
    store.garblesAt = 3;
    await expect(publish(store, edition, undefined, ANNA)).rejects.toThrow(UnfaithfulRelease);
    expect(await store.latest()).toBeUndefined();
  });

  it('of two at once wins or changes nothing, and is told who won', async () => {
    const store = new MemoryReleaseStore();
    const other = { ...edition, id: 'other' };
    const [first, second] = await Promise.all([
      publish(store, edition, undefined, ANNA),
      publish(store, other, undefined, BO),
    ]);
    const [won, lost] = first.kind === 'moved' ? [first, second] : [second, first];
    expect(won.kind).toBe('moved');
    expect(lost).toEqual({ kind: 'overtaken', by: await store.latest() });
    expect(await store.history()).toHaveLength(1);
  });

  it('is checked against what was seen, so that a rollback meanwhile is not written over', async () => {
    const store = new MemoryReleaseStore();
    await publish(store, edition, undefined, ANNA);
    const seen = await store.latest();
    await moveTo(store, undefined, seen, BO);
    expect(await publish(store, { ...edition, id: 'other' }, seen, ANNA)).toMatchObject({
      kind: 'overtaken',
      by: { number: 2, by: 'bo', message: 'mine' },
    });
    expect((await store.live())?.releaseId).toBeUndefined();
  });
});

describe('what was deployed', () => {
  it('can be compared with, and is stored as a whole, so that going back can say since when its rules count', async () => {
    const store = new MemoryReleaseStore();
    await writeDeployed(store, edition, START, 'npm start');
    const outline = await readOutline(store, (await store.deployed())?.releaseId ?? '');
    expect(outline).toMatchObject({ id: edition.id, sources: edition.sources, templates: edition.templates });
    expect(outline && (await isWhole(store, outline))).toBe(true);
  });
});

describe('a published release', () => {
  it('without a part, or with one that is no such part, is refused as a whole', async () => {
    await expect(openPublished(without('release.json'))).rejects.toThrow(UnreadableRelease);
    await expect(openPublished(garbled('release.json'))).rejects.toThrow(UnreadableRelease);
    await expect(openPublished(without('playbook.json'))).rejects.toThrow(UnreadableRelease);
    await expect(readPublishedPages(garbled('pages.json'))).rejects.toThrow(UnreadableRelease);

    const published = await openPublished(garbled('templates/onboarding/welcome'));
    await expect(published.template('onboarding', 'welcome', 'en')).rejects.toThrow(UnreadableRelease);
    await expect((await openPublished(away)).template('onboarding', 'welcome', 'en')).rejects.toThrow(UnreachablePart);
    await expect(published.template('onboarding', 'nothing', 'en')).rejects.toThrow(UnknownTemplate);
    await expect(published.template('onboarding', 'guide', 'en')).resolves.toMatchObject({ name: 'onboarding/guide' });
  });
});
