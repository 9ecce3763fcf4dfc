import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const TYPES = 'test/scenarios/types/**/*.test.ts';

export default defineConfig({
  test: {
    // Whole stacks start in here; a hang is told from a busy machine by minutes, not seconds.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Much of the time goes by in threads and clients that wait for each other: one worker more than a small machine has
    // processors leaves none of them idle.
    maxWorkers: Math.max(3, availableParallelism()),
    // Built once, before the workers race for it.
    globalSetup: 'test/support/built.ts',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      { extends: true, test: { name: 'rules', include: ['test/**/*.test.ts'], exclude: [TYPES] } },
      // Many small files that hold nothing between them but a twin each: loading everything anew for each costs more
      // than the scenario.
      { extends: true, test: { name: 'types', include: [TYPES], isolate: false } },
    ],
  },
});
