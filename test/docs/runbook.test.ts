/** What whoever is woken at night may rely on: every article is whole, and holds nothing but commands of a kind we try. */
import { describe, expect, it } from 'vitest';
import { articlesOfRunbook, commandsOfRunbook, readRunbook } from './runbook.ts';

const articles = await articlesOfRunbook();
const commands = await commandsOfRunbook();

/** What an article says, in this order. */
const PARTS = ['What it means.', 'Look.', 'Put right.', 'Prevent.'];

describe.each(articles)('the article $name', ({ text }) => {
  it('says what it means, how to look, how to put it right and how to prevent it', () => {
    expect([...text.matchAll(/^\*\*([^*]+)\*\*/gmu)].map(([, part]) => part)).toEqual(PARTS);
    for (const part of text.split(/^\*\*[^*]+\*\*/gmu).slice(1)) expect(part.trim().length).toBeGreaterThan(0);
  });

  it('has a command to look with', () => {
    const [, look = ''] = text.split('**Look.**');
    expect(look.split('**Put right.**')[0]).toContain('```sh');
  });

  it('leads to no article that is not there', () => {
    const named = [...text.matchAll(/\[([a-z]+(?:-[a-z]+)+)\]\(#([a-z-]+)\)/gu)];
    for (const [, name, anchor] of named) {
      expect(anchor).toBe(name);
      expect(articles.map((each) => each.name)).toContain(name);
    }
  });
});

describe('the commands of the runbook', () => {
  it('are found, in every article and above them', () => {
    expect(commands.length).toBeGreaterThan(60);
    expect(new Set(commands.map(({ under }) => under)).size).toBeGreaterThan(articles.length);
  });

  it('are commands of the project or of AWS, about the stage that was set', () => {
    const known = /^(?:npm run [a-z:-]+|aws [a-z0-9-]+ [a-z-]+|export [A-Z_]+=|aws\(\) |for name in [a-z ]+; do )/u;
    expect(commands.filter(({ text }) => !known.test(text))).toEqual([]);
    const ofStage = commands.filter(({ text }) => text.startsWith('npm run') && !/lint:content|deploy/u.test(text));
    expect(ofStage.filter(({ text }) => !text.includes('$WHERE'))).toEqual([]);
    // Whoever copies a line at night must not change the wrong stage.
    expect(
      commands.filter(({ text }) => /\bprod\b/u.test(text.replace(/^export STAGE=prod WHERE=--stage=prod/u, ''))),
    ).toEqual([]);
  });

  it("name no address that is somebody else's", async () => {
    expect(await readRunbook()).not.toMatch(/localhost/u);
  });
});
