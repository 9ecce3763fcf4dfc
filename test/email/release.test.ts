import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiledRelease } from '../../infra/build.ts';
import { negotiate } from '../../shared/email/locale.ts';
import { openRelease, type Release, UnknownTemplate } from '../../shared/email/release.ts';
import { UnreadableRelease } from '../../shared/email/unreadable-release.ts';
import { SHIPPED_CONTENT, temporaryDirectory } from './content-copy.ts';

describe('negotiate', () => {
  it.each([
    ['sv-FI', 'sv', 'sv-FI'],
    ['sv', 'sv', 'sv'],
    ['sv_se', 'sv', 'sv-SE'],
    ['pt-BR', 'pt-BR', 'pt-BR'],
    ['en-GB', 'en', 'en-GB'],
    ['zh-Hant-TW', 'zh-Hant', 'zh-Hant-TW'],
    ['sv-SE-u-nu-thai', 'sv', 'sv-SE'],
    ['nl-NL', 'en', 'en-GB', 'nl'],
    ['pt-PT', 'en', 'en-GB', 'pt'],
    ['no locale', 'en', 'en-GB'],
    ['', 'en', 'en-GB'],
    [undefined, 'en', 'en-GB'],
  ] as const)('%s reads %s, formatted as %s', (requested, locale, formatting, insteadOf?: string) => {
    expect(negotiate(requested, ['en', 'sv', 'pt-BR', 'zh-Hant'])).toEqual({
      locale,
      formatting,
      ...(insteadOf !== undefined && { insteadOf }),
    });
  });
});

/** The release of the shipped content, in a directory of its own. */
async function compiled(): Promise<{ directory: string; release: Release }> {
  const directory = await temporaryDirectory();
  await cp(await compiledRelease(SHIPPED_CONTENT), directory, { recursive: true });
  return { directory, release: openRelease(directory) };
}

describe('openRelease', () => {
  it('carries the shop and its improvements', async () => {
    const { release } = await compiled();
    expect(release.shop.name).toBe('Kettle & Fern');
    expect(release.improvements).toContainEqual(expect.objectContaining({ reason: 'price' }));
    expect(release.id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('reads a template once', async () => {
    const { directory, release } = await compiled();
    const first = release.template('win-back', 'ask', 'en');
    await writeFile(join(directory, 'templates/win-back/ask/en.json'), 'gone');
    expect(release.template('win-back', 'ask', 'nl').parts).toBe(first.parts);
  });

  it('falls back from a variant that does not exist', async () => {
    const { release } = await compiled();
    expect(release.template('onboarding', 'guide', 'en', 'returning').variant).toBe('returning');
    expect(release.template('win-back', 'ask', 'en', 'returning').variant).toBeUndefined();
  });

  it('knows no step that was not compiled', async () => {
    const { release } = await compiled();
    expect(() => release.template('onboarding', 'farewell', 'en')).toThrow(UnknownTemplate);
  });

  it('refuses a damaged manifest and a missing one', async () => {
    const { directory } = await compiled();
    const file = join(directory, 'release.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"templates"', '"templats"'));
    expect(() => openRelease(directory)).toThrow(UnreadableRelease);
    expect(() => openRelease(join(directory, 'nowhere'))).toThrow(UnreadableRelease);
  });
});
