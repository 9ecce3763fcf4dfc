import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSurroundings, readOptions } from '../../infra/local/options.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'options-'));
  await writeFile(path.join(directory, 'orders.csv'), 'customer_id,date,amount\n');
  await writeFile(path.join(directory, 'playbook.json'), '{ "stages": {} }');
});
afterAll(() => rm(directory, { recursive: true }));

describe('options', () => {
  it('default to the simulated shop on 4580 and 4581', () => {
    expect(readOptions([])).toEqual({ port: 4580, webPort: 4581, seed: 1, exit: false });
  });

  it('are read', () => {
    const args =
      '--port 1 --web-port 2 --data d --orders o.csv --logins l.csv --complaints c.csv --exit --json out.json ' +
      '--until 1998-06-30 --disorder 2.5 --seed 9 --playbook p.json --content c';
    expect(readOptions(args.split(' '))).toEqual({
      port: 1,
      webPort: 2,
      seed: 9,
      exit: true,
      files: {
        orders: path.resolve('o.csv'),
        logins: path.resolve('l.csv'),
        complaints: path.resolve('c.csv'),
        until: { instant: Date.UTC(1998, 6, 1), included: false },
        reading: { columns: {}, hashIds: false },
        disorderDays: 2.5,
      },
      dataDirectory: path.resolve('d'),
      json: path.resolve('out.json'),
      playbook: path.resolve('p.json'),
      content: path.resolve('c'),
    });
  });

  it('take a time of day with --until to the letter', () => {
    const found = readOptions(['--orders', 'o.csv', '--until', '1998-06-30T12:00:00+02:00']);
    expect(found).toMatchObject({ files: { until: { instant: Date.UTC(1998, 5, 30, 10), included: true } } });
  });

  it.each([
    ['--nonsense', /^Unknown option '--nonsense'; --help lists the options$/],
    ['orders.csv', /^Unexpected argument 'orders\.csv'/],
    ['--port', /--port <value>' argument missing/],
    ['--port 65536', /^--port expects a whole number from 0 to 65535, found "65536"$/],
    ['--port 4581', /^--port and --web-port are both 4581$/],
    ['--web-port x', /^--web-port expects/],
    ['--seed -1', /--seed/],
    ['--seed=-1', /^--seed expects/],
    ['--orders o --disorder=-1', /^--disorder expects a number of days/],
    ['--orders o --disorder 366', /^--disorder expects a number of days/],
    ['--orders o --until 1998-02-30', /^--until expects a date such as/],
    ['--logins l.csv', /^--logins needs --orders$/],
    ['--complaints c.csv', /^--complaints needs --orders$/],
    ['--until 1998-06-30', /^--until needs --orders$/],
    ['--disorder 5', /^--disorder needs --orders$/],
  ])('refuse %s in one line', (args, message) => {
    expect(() => readOptions(args.split(' '))).toThrow(message);
    expect(() => readOptions(args.split(' '))).toThrow(/^[^\n]+$/);
  });

  it('are all explained by the help', async () => {
    const source = await readFile(path.join(PROJECT, 'infra/local/options.ts'), 'utf8');
    const declared = [...source.matchAll(/'?([\w-]+)'?: \{ type: '(?:string|boolean)'/g)].map((match) => match[1]);
    expect(declared.length).toBe(14);
    const { stdout, code } = await start('--help');
    for (const option of declared) expect(stdout).toContain(`--${option} `);
    expect(code).toBe(0);
  });
});

const check = (args: string) => {
  const options = readOptions(['--port', '0', '--web-port', '0', ...args.split(' ').filter((arg) => arg !== '')]);
  return options === 'help' ? undefined : checkSurroundings(options);
};

describe('surroundings', () => {
  it.each([
    ['--orders DIR/absent.csv', /^cannot read .*absent\.csv: no such file or directory$/],
    ['--orders DIR', /^cannot read .*: not a file$/],
    ['--orders DIR/orders.csv --logins DIR/absent.csv', /^cannot read .*absent\.csv/],
    ['--orders DIR/orders.csv --complaints DIR/absent.csv', /^cannot read .*absent\.csv/],
    ['--json DIR/absent/out.json', /^cannot write .*out\.json: no such file or directory$/],
    ['--json DIR', /^cannot write .*: a directory$/],
    ['--data DIR/orders.csv', /^cannot keep data in .*orders\.csv: not a directory$/],
    ['--playbook DIR/playbook.json', /^.*playbook\.json is no valid playbook: line 1: stages › [^\n]+$/],
    ['--content DIR', /^.*playbook\.json is no valid playbook: [^\n]+$/],
    ['--content DIR/absent', /playbook\.json is no valid playbook: no such file or directory$/],
    ['--playbook DIR/orders.csv', /^.*orders\.csv is no valid playbook: [^\n]+$/],
  ])('refuse %s', async (args, message) => {
    await expect(check(args.replaceAll('DIR', directory))).rejects.toThrow(message);
  });

  it('are fine with files that are there', async () => {
    await expect(check(`--orders ${directory}/orders.csv --json ${directory}/out.json`)).resolves.toBeUndefined();
  });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a person would. */
function start(...args: readonly string[]): Promise<Ended> {
  return node(['--import', 'tsx', 'infra/local/start.ts', ...args]);
}

function node(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: PROJECT, env: { ...process.env, ...environment } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('the command', () => {
  it.each([
    [['--nonsense'], /--nonsense/],
    [['--orders', 'no-such-file.csv', '--port', '0', '--web-port', '0'], /cannot read .*no-such-file\.csv/],
  ])('ends with one line on stderr and exit code 2: %j', async (args, message) => {
    const { code, stdout, stderr } = await start(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
  });

  it.each(['--port', '--web-port'])('says so when the port of %s is taken', async (option) => {
    const server = createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
    const { code, stderr } = await start('--port', '0', '--web-port', '0', option, String(port));
    server.close();
    expect(stderr).toBe(`port ${port} on 127.0.0.1 is in use; --port and --web-port choose others, 0 any free one\n`);
    expect(code).toBe(2);
  });

  it('says in one line which step of a valid playbook has no template', async () => {
    const source = await readFile(path.join(PROJECT, 'shared/content/playbook.json'), 'utf8');
    const file = path.join(directory, 'untold.json');
    await writeFile(file, source.replace(/("steps": \[\s*\{\s*"id": )"[^"]+"/, '$1"no-such-mail"'));
    const { code, stderr } = await start('--playbook', file, '--port', '0', '--web-port', '0', '--exit');
    expect(stderr).toMatch(/^\S*untold\.json: [^\n]*no-such-mail[^\n]*\n$/);
    expect(code).toBe(2);
  });

  it('runs in the time zone of Lambda, wherever the machine stands', async () => {
    const probe = "process.on('exit', () => console.error(new Date(2026, 0).toISOString()))";
    const preload = `data:text/javascript,${encodeURIComponent(probe)}`;
    const { stderr } = await node(['--import', 'tsx', '--import', preload, 'infra/local/start.ts', '--help'], {
      TZ: 'Asia/Tokyo',
    });
    expect(stderr).toBe('2026-01-01T00:00:00.000Z\n');
  });

  it('refuses an export without a row that can be played, naming the first bad one', async () => {
    const file = path.join(directory, 'bad.csv');
    await writeFile(file, 'customer_id,date,amount\nanna@example.com,2026-01-01,5\n');
    const { code, stderr } = await start('--orders', file, '--port', '0', '--web-port', '0');
    expect(stderr).toMatch(
      /^bad\.csv: no row that can be played; 1 bad rows, the first on line 2: customer_id: [^\n]+\n$/,
    );
    expect(code).toBe(2);
  });
});
