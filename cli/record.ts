import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { UserError } from '../src/recipe/errors';
import type { RunEvent } from '../src/recipe/events';
import { presets } from '../src/recipe/presets';
import type { TimedEvent } from '../src/recipe/recording';
import { packRecording } from '../src/recipe/recording';
import { backendNamed, startNodeBackend } from './support/backend';
import { main } from './support/main';
import { ProgressLine } from './support/progress';
import { surroundings } from './support/surroundings';
import { checkPlace, writeWhole } from './support/result-file';

const USAGE = 'npm run record -- PRESET [--backend webgpu|wasm|cpu] [--data DIR]';
/** A recording keeps so many of each of these, spread over the run, to stay small. */
const PLANES = 16;
const SAMPLES = 40;
const ANSWERS = 5;

/** Every n-th of the events of one kind, the last always, everything else untouched. */
function thin(events: readonly TimedEvent[], type: RunEvent['type'], most: number): TimedEvent[] {
  const total = events.filter(({ event }) => event.type === type).length;
  const every = Math.max(1, Math.ceil(total / most));
  let seen = 0;
  return events.filter(({ event }) => {
    if (event.type !== type) return true;
    seen += 1;
    return seen === total || (seen - 1) % every === 0;
  });
}

/** Later answers to questions that are kept themselves. */
function withoutLost(events: readonly TimedEvent[]): TimedEvent[] {
  const kept = new Set(
    events.flatMap(({ event }) =>
      event.type === 'stage' ? event.samples.map(({ id }) => id) : [],
    ),
  );
  return events.map(({ at, event }) =>
    event.type === 'answers'
      ? { at, event: { ...event, questions: event.questions.filter(({ id }) => kept.has(id)) } }
      : { at, event },
  );
}

/**
 * Records a preset's run, as the page shows it to a first visitor until training starts: public/recorded/PRESET.json.
 */
main(
  { what: 'Records a preset’s run as the page shows it to a first visitor.', usage: USAGE },
  async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { backend: { type: 'string' }, data: { type: 'string' } },
    });
    const preset = presets.find((entry) => entry.id === positionals[0]);
    if (!preset)
      throw new UserError(
        'E_USAGE',
        `There is no preset "${positionals[0] ?? ''}".`,
        `Usage: ${USAGE}`,
      );
    mkdirSync('public/recorded', { recursive: true });
    const file = `public/recorded/${preset.id}.json`;
    checkPlace(file, 'The file of the recording');
    const device = await startNodeBackend(backendNamed(values.backend));
    const { Control } = await import('../src/train/control');
    const { loadTask } = await import('../src/train/prepare');
    const { loadRun } = await import('../src/train/load-run');
    const { train } = await import('../src/train/train');
    const line = new ProgressLine();
    const around = surroundings(values.data, (what, share) => line.show(what, share, null));
    const data = await loadTask(preset.recipe, around);
    const { trainer } = await loadRun(preset.recipe, data, around);
    const events: TimedEvent[] = [];
    let began: number | null = null;
    const options = { stage: true, evaluate: true, pause: around.pause };
    for await (const event of train(trainer, new Control('running'), options)) {
      began ??= performance.now();
      events.push({ at: (performance.now() - began) / 1000, event });
      if (event.type === 'metrics')
        line.show(
          'recording',
          event.progress.step / event.progress.steps,
          event.progress.secondsLeft,
        );
    }
    line.done();
    const most = { plane: PLANES, stage: SAMPLES, answers: ANSWERS, metrics: 120 } as const;
    const kept = withoutLost(
      (['plane', 'stage', 'answers', 'metrics'] as const).reduce(
        (left, type) => thin(left, type, most[type]),
        events,
      ),
    );
    const text = JSON.stringify(
      packRecording({
        preset: preset.id,
        recordedOn: device.backend === 'wasm' ? 'a processor' : device.adapter,
        recipe: preset.recipe,
        events: kept,
      }),
    );
    writeWhole(file, `${text}\n`);
    console.log(
      `${file}: ${kept.length} events, ${Math.round(gzipSync(text).length / 1024)} KB gzip`,
    );
  },
);
