import { defineConfig } from 'vitest/config';

// `unit` needs no engine, `walls` holds structure and papers, `engines` starts the real ones, and `faults` breaks them.
const engines = ['store/**/*.test.ts', 'test/**/*.e2e.test.ts', 'test/replay.test.ts'];
const faults = ['test/faults/**/*.test.ts'];
const walls = ['test/rooms.test.ts', 'test/papers.test.ts'];
const never = ['**/node_modules/**', '**/dist/**', '.slipway/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'unit', include: ['**/*.test.ts'], exclude: [...never, ...engines, ...faults, ...walls], testTimeout: 30_000 } },
      { extends: true, test: { name: 'walls', include: walls, exclude: never, testTimeout: 60_000 } },
      { extends: true, test: { name: 'engines', include: engines, exclude: never, testTimeout: 180_000, hookTimeout: 240_000, fileParallelism: false, globalSetup: ['test/engines.ts'] } },
      { extends: true, test: { name: 'faults', include: faults, exclude: never, testTimeout: 180_000, hookTimeout: 240_000, fileParallelism: false, globalSetup: ['test/engines.ts'] } },
    ],
  },
});
