import { defineConfig } from 'vitest/config';

/** Half a minute of hostile bytes: no part of the unit tests, which are to be quick. */
const long = 'test/relay/**/fuzz.test.ts';

/** Two projects: `unit` is every room by itself, `story` is the whole house running with real peers. */
export default defineConfig({
  test: {
    // The report is what .ci/run counts.
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'dist/test-report.json' }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/story/**', long],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'story',
          include: ['test/story/**/*.test.{ts,tsx}', long],
          // Stories measure a stream in real time: each has the machine for itself, and after the unit tests.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
