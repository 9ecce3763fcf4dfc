import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writeDeployedRelease } from '../../infra/local/deployed-release.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { publishCommand } from '../../infra/commands/publish.ts';
import { releasesCommand } from '../../infra/commands/releases.ts';
import { rollbackCommand } from '../../infra/commands/rollback.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { run, type Ran } from './run.ts';

const SHIPPED = path.join(import.meta.dirname, '../../shared/content');
const WELCOME = 'templates/onboarding/welcome/en.json';

const scratch = mkdtempSync(path.join(tmpdir(), 'publish-'));
const content = path.join(scratch, 'content');
let shop: Shop;

const strings = z.record(z.string(), z.string());

function writeSubject(subject: string): void {
  const file = path.join(content, WELCOME);
  const texts = strings.parse(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, JSON.stringify({ ...texts, subject }));
}

beforeAll(async () => {
  cpSync(SHIPPED, content, { recursive: true });
  shop = await openShop();
  await writeDeployedRelease(shop.twin);
});

afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await shop.close();
});

const command = (name: string, ...args: readonly string[]): Promise<Ran> =>
  run(name, ...args, '--endpoint', shop.twin.endpoint);
const publish = (...args: readonly string[]) => command('publish', '--content', content, ...args);

/** The releases as the list has them; asked for without a process of its own, which takes longer than the list. */
async function listed(): Promise<readonly string[]> {
  return (await releasesCommand(['--endpoint', shop.twin.endpoint])).trimEnd().split('\n').slice(1);
}

// Each goes on from what the one before has published.
describe('npm run publish, rollback and releases', () => {
  it('publish nothing while nothing has changed', async () => {
    expect(await publish()).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^Nothing to publish: the local twin has just this content, what was deployed \(release/u,
      ),
    });
    expect(await listed()).toEqual([expect.stringMatching(/^ {2}deployed {2}release \w+, .* {2}live$/u)]);
  });

  it('show in words what changes, publish it, and list it', async () => {
    writeSubject('Something completely different');
    const { code, out } = await publish('--yes', '--message', 'Try it');
    expect(code).toBe(0);
    expect(out).toMatch(/\n {2}onboarding\/welcome, en\n {4}subject: .*\{\+Something completely different\+\}/u);
    expect(out).toContain('It changes none among 0 messages that wait for 0 customers.');
    expect(out).toMatch(/Published to the local twin: number 1, release \w+\. Senders take it within a minute\./u);
    expect(out).toContain('npm run rollback goes back.');
    expect(await listed()).toEqual([
      expect.stringMatching(/^ {2}1 {2}.*UTC {2}\S+ {2}release \w+ {2}Try it {2}live$/u),
      expect.stringMatching(/^ {2}deployed {2}release \w+/u),
    ]);
  });

  it('count the messages that wait and become other ones', async () => {
    // Mail waits over night for the morning, where it is night.
    await shop.register('anna');
    await shop.buy('anna', 'A-1');
    await shop.pause();
    await shop.pass(2);
    await shop.emit('Order Delivered', { customerId: 'anna', orderId: 'A-1' });
    await shop.pass(3);
    const file = path.join(content, 'templates/onboarding/guide/en.json');
    const texts = strings.parse(JSON.parse(readFileSync(file, 'utf8')));
    writeFileSync(file, JSON.stringify({ ...texts, subject: 'Other words for a guide' }));
    const { out } = await publish();
    expect(out).toContain('It changes 1 among 1 message that wait for 1 customer:\n  onboarding/guide: 1');
  });

  it('stop at everything that is wrong in the content, with file and line', async () => {
    writeSubject('{{ customer.shoeSize }}');
    const { code, out, err } = await publish('--yes');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(WELCOME);
    expect(err).toContain('customer.shoeSize');
    expect(await listed()).toHaveLength(3);
  });

  it('go back by one, to a number, and to what was deployed', async () => {
    const byOne = await command('rollback', '--yes');
    expect(byOne.out).toContain('[-Other words for a guide-]');
    expect(byOne.out).toMatch(/goes back to number 1 \(release \w+\), as number 3\./u);
    expect((await command('rollback', '--to', '2', '--yes')).out).toContain('as number 4.');
    expect((await command('rollback', '--to', '4', '--yes')).out).toMatch(/^Nothing to do/u);
    const deployed = await command('rollback', '--to', 'deployed', '--yes', '--message', 'Enough');
    expect(deployed.out).toContain('goes back to what was deployed, as number 5.');
    expect((await listed()).slice(0, 2)).toEqual([
      expect.stringMatching(/^ {2}5 {2}.* {2}deployed {2}Enough$/u),
      expect.stringMatching(/^ {2}4 {2}.* {2}release \w+ {2}back to number 2/u),
    ]);
    expect((await listed()).at(-1)).toMatch(/live$/u);
  });

  it('say what they expect instead of what they cannot do', async () => {
    expect(await command('rollback', '--to', '99')).toMatchObject({
      code: 2,
      err: '--to expects "deployed" or a number from 1 to 5, found "99"\n',
    });
    const commands = { publish: publishCommand, rollback: rollbackCommand, releases: releasesCommand };
    for (const [name, told] of Object.entries(commands)) {
      await expect(told(['now'])).rejects.toThrow(UsageError);
      await expect(told(['now'])).rejects.toThrow('found "now"');
      expect(await told(['--help'])).toContain(`npm run ${name}`);
    }
  });
});
