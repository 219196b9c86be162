import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DistillResult } from '../../cli/support/distill';
import { cleaned } from '../../src/recipe/shown';
import { spiralStudy } from '../../src/recipe/presets';

/** How commands begin and end: what they say of themselves, where results may go, and what is kept of what was begun. */

const scratch = mkdtempSync(path.join(os.tmpdir(), 'ends-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function say(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const command = (...args: string[]) => say('scripts/cli.mjs', ...args);

const recipe = path.join(scratch, 'recipe.json');
writeFileSync(
  recipe,
  JSON.stringify({
    ...spiralStudy,
    steps: 4,
    evaluation: { every: 4, images: 100, testImages: 100 },
  }),
);

const COMMANDS = readdirSync('cli')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace(/\.ts$/, ''));

describe.each([
  ...[...COMMANDS, 'bench'].map((name) => ['scripts/cli.mjs', [name]] as const),
  ['scripts/cli.mjs', ['bench', '--counts']] as const,
  ['scripts/start.mjs', []] as const,
  ['scripts/test.mjs', []] as const,
])('%s %j', (script, args) => {
  it('says what it is and how it is called', () => {
    const { status, stdout, stderr } = say(script, ...args, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^[A-Z].+[.!]\n\nUsage:\n/);
    expect(stdout).toContain('--version');
  });

  it('says its version', () => {
    const { status, stdout, stderr } = say(script, ...args, '--version');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^extracurricular \d+\.\d+\.\d+\n$/);
  });
});

describe('options that cannot be read end with one sentence and exit code 2', () => {
  it.each([
    ['fuzz', ['--files', '-1'], 'What follows --files begins with "-": write it as --files=VALUE.'],
    ['fuzz', ['--files=-1'], '--files is "-1"'],
    ['evidence', ['--speed', '9'], "Unknown option '--speed'."],
    ['distill', [recipe, '--speed', '9'], "Unknown option '--speed'."],
    ['record', ['--backend'], "Option '--backend <value>' argument missing."],
    ['bench', ['--counts', '--speed'], "Unknown option '--speed'."],
    ['teach', [path.join(scratch, 'none.json')], 'could not be read'],
    ['generate', [scratch], 'could not be read'],
    ['records', ['X', scratch], 'Give a preset'],
  ])('%s %j', (name, args, sentence) => {
    const { status, stderr } = command(name, ...args);
    expect(stderr.split('\n')[0]).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});

describe('a place for a result', () => {
  const refusals: [string, string, string][] = [
    ['a folder that is not there', path.join(scratch, 'no', 'out.json'), 'and there is no folder'],
    ['a folder', scratch, 'which is a folder'],
    ['a file in place of its folder', path.join(recipe, 'out.json'), 'is no folder'],
  ];

  it.each(refusals)('is refused before the run: %s', (_, out, why) => {
    for (const args of [
      ['distill', recipe, '--backend', 'cpu', '--out', out],
      ['teacher', recipe, '--out', out],
      ['teacher', recipe, '--table', out],
      ['fuzz', '--out', out],
    ]) {
      const { status, stdout, stderr } = command(...args);
      expect(stderr).toContain(why);
      expect(stderr).not.toMatch(/Training on|\n\s+at |Reset|copy details/);
      expect([status, stdout]).toEqual([2, '']);
    }
  });

  it('is refused for students too', () => {
    const { status, stderr } = command('distill', recipe, '--save', path.join(recipe, 'students'));
    expect(stderr).toContain('--save is "');
    expect(stderr).toContain('which cannot be made');
    expect(status).toBe(2);
  });
});

describe('a signal', () => {
  /** Runs forty seeds and sends a signal once the third has begun. */
  async function interrupted(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL', out: string) {
    const child = spawn(
      process.execPath,
      ['scripts/cli.mjs', 'distill', recipe, '--backend', 'cpu', '--seeds', '40', '--out', out],
      { detached: true },
    );
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    await expect.poll(() => said, { timeout: 240_000 }).toContain('(3 of 40)');
    // As a terminal does: to all of the group.
    process.kill(-(child.pid ?? 0), signal);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said };
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s keeps the seeds that are finished, marked as unfinished',
    async (signal, code) => {
      const out = path.join(scratch, `${signal}.json`);
      const ended = await interrupted(signal, out);
      expect(ended.code).toBe(code);
      const result = JSON.parse(readFileSync(out, 'utf8')) as DistillResult;
      expect(result.seeds.length).toBeGreaterThanOrEqual(2);
      expect(result.seeds.length).toBeLessThan(40);
      expect(result.unfinished).toEqual({ seedsAsked: 40, endedBy: signal });
      expect(result.arms[0]?.accuracy?.seeds.length).toBe(result.seeds.length);
      expect(ended.said).toContain(
        `Ended by ${signal} after ${result.seeds.length} of 40 seeds: these are in ${out}, marked as unfinished.`,
      );
      expect(readdirSync(scratch).filter((name) => name.endsWith('.part'))).toEqual([]);
    },
  );

  it('SIGKILL leaves an older result as it was', async () => {
    const out = path.join(scratch, 'older.json');
    writeFileSync(out, 'the older result');
    await interrupted('SIGKILL', out);
    expect(readFileSync(out, 'utf8')).toBe('the older result');
  });
});

it('a whole run says nothing of its end, and its result is not marked', () => {
  const out = path.join(scratch, 'whole.json');
  const { status, stderr } = command('distill', recipe, '--backend', 'cpu', '--out', out);
  expect(status).toBe(0);
  expect(stderr).not.toContain('Ended by');
  expect(JSON.parse(readFileSync(out, 'utf8'))).not.toHaveProperty('unfinished');
});

describe('what reaches the terminal', () => {
  it('is free of what a terminal obeys, in names of files and in recipes', () => {
    const evil = path.join(scratch, 'evil\u{1b}]0;title\u{7}\u{202e}name');
    mkdirSync(evil);
    writeFileSync(path.join(evil, 'model\u{1b}[2J.h5'), 'nothing');
    const named = path.join(evil, 'recipe\u{9b}.json');
    const students = spiralStudy.students.map((one, i) => ({
      ...one,
      name: `${one.name}\u{1b}[31m\u{7}\u{202e}${i}`,
    }));
    writeFileSync(named, JSON.stringify({ ...spiralStudy, students, steps: 2 }));
    const broken = path.join(evil, 'broken.json');
    writeFileSync(broken, '{');
    for (const args of [
      ['teacher', path.join(evil, 'model\u{1b}[2J.h5')],
      ['teacher', evil],
      ['distill', named, '--backend', 'cpu'],
      ['distill', broken],
      ['distill', recipe, '--backend', '\u{1b}[2Jmetal'],
      ['\u{1b}[2J'],
    ]) {
      const { stdout, stderr } = command(...args);
      expect(`${stdout}${stderr}`.length).toBeGreaterThan(10);
      const lines = `${stdout}${stderr}`.split(/[\n\t]/);
      expect(lines).toEqual(lines.map(cleaned));
    }
  });

  it('is no word of a page', () => {
    const wrong = path.join(scratch, 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ kind: 'teacher' }));
    const { status, stderr } = command('teach', wrong, '--backend', 'cpu');
    expect(status).toBe(1);
    expect(stderr).toContain('Something went wrong that should not have');
    expect(stderr).toContain('Where it happened:');
    expect(stderr).not.toMatch(/Reset|copy details/);
  });

  /** Runs a program by scripts/lib/run.mjs, as commands are. */
  const quietly = (program: string) => {
    const source = `import { run } from './scripts/lib/run.mjs';
process.exit(await run(process.execPath, ['-e', ${JSON.stringify(program)}], {}, true));`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  };
  const WORDS = `require('fs').writeSync(Number(process.env.COMMAND_WORDS), 'words\\n');`;
  const DRIVER = `require('fs').writeSync(2, 'error: XDG_RUNTIME_DIR is invalid\\n');`;
  const END = `require('fs').writeSync(2, '\\0ended\\0');`;

  it('is not what graphics drivers print, where the command ends by itself', () => {
    const { status, stderr } = quietly(DRIVER + WORDS + DRIVER + END);
    expect([status, stderr]).toEqual([0, 'words\n']);
  });

  it('is what they print where it does not', () => {
    const { status, stderr } = quietly(`${DRIVER}${WORDS}throw new Error('at once');`);
    expect(status).toBe(1);
    expect(stderr).toContain('words');
    expect(stderr).toContain('XDG_RUNTIME_DIR');
    expect(stderr).toContain('at once');
  });

  it('is all of it with --verbose', () => {
    const verbose = command('distill', recipe, '--backend', 'cpu', '--verbose');
    expect(verbose.status).toBe(0);
    expect(verbose.stderr).toContain('Training on cpu');
    expect(verbose.stderr).not.toContain('ended');
    expect(existsSync('build/cli/distill.js')).toBe(true);
  });
});
