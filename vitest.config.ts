import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { isOwnContent, sampleBoundTests } from './test/support/sample-bound.ts';

/** Hold nothing between them but what they import: loading that anew for each file costs more than the tests. */
const RULES = [
  'lifecycle',
  'explain',
  'functions',
  'properties',
  'protocol',
  'email',
  'docs',
  'player',
  'history',
  'monitoring',
  'publishing',
  'import',
  'backtest',
  'web',
]
  .map(testsOf)
  // The others have an environment or a clock of their own.
  .concat('test/contracts/!(mailer|oracle-services|secrets).test.ts');
/** A whole stack each, and nothing between them either. */
const SCENARIOS = ['scenarios', 'integration', 'commands'].map(testsOf);

/** Of these what is computed takes the time, and not the threads of functions. */
const COMPUTING = [
  'test/integration/*.test.ts',
  'test/commands/{publish,activation,import,backtest}.test.ts',
  'test/scenarios/sending/added-step.test.ts',
];

function testsOf(directory: string): string {
  return `test/${directory}/**/*.test.ts`;
}

/** Whole stacks for minutes: `npm test` leaves them to `.ci/run`. */
const SLOW = [
  ...['scenarios/sending', 'faults', 'integration', 'commands', 'local'].map(testsOf),
  // The stages that say most in least time are played in any case; every other type, practice and pair here.
  'test/scenarios/types/{[alp][0-9]*,new,dissatisfied,return,lapsed,loyal,*-and-*}.test.ts',
  'test/infra/assembly.test.ts',
  'test/email/{lint-content,compile,brief,hostile}.test.ts',
  'test/functions/feedback-path.test.ts',
  'test/{player/options,publishing/sound-steps,web/real-twin}.test.ts',
];

/**
 * `--mode quick` plays what has to pass within three minutes, and whatever a shop has made of the content; without it
 * everything.
 */
export default defineConfig(({ mode }) => {
  const slow = mode === 'quick' ? [...SLOW, ...(isOwnContent() ? sampleBoundTests() : [])] : [];
  return {
    test: {
      // Whole stacks start and properties run in here; a hang is told from a busy machine by minutes, not seconds.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      // Much of the time goes by in threads and clients that wait for each other: one worker more than a small machine has
      // processors leaves none of them idle.
      maxWorkers: Math.max(3, availableParallelism()),
      // Built once, before the workers race for it.
      globalSetup: 'test/support/built.ts',
      env: {
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        // Tests have settings of their own; one looks at those of this checkout.
        PERENNIAL_CONFIG: path.join(import.meta.dirname, 'test/support/perennial.config.json'),
        OWN_PERENNIAL_CONFIG:
          process.env['PERENNIAL_CONFIG'] ?? path.join(import.meta.dirname, 'perennial.config.json'),
      },
      projects: [
        { extends: true, test: { name: 'rules', include: RULES, exclude: slow, isolate: false } },
        {
          extends: true,
          // A function's thread lives for seconds: compiling its code for speed costs more than it ever saves.
          test: {
            name: 'scenarios',
            include: SCENARIOS,
            exclude: [...COMPUTING, ...slow],
            isolate: false,
            execArgv: ['--no-opt'],
          },
        },
        { extends: true, test: { name: 'computing', include: COMPUTING, exclude: slow } },
        // The rest changes its process: its environment, its output, what it has loaded.
        {
          extends: true,
          test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...RULES, ...SCENARIOS, ...slow] },
        },
      ],
    },
  };
});
