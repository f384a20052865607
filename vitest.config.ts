import { defineConfig } from 'vitest/config';

/** Half a minute of hostile bytes: no part of the unit tests, which are to be quick. */
const fuzz = 'test/relay/**/fuzz.test.ts';

/**
 * Three projects: `unit` is every room by itself, `story` is the whole house running with real peers, and `long` is what
 * takes more than a minute: `npm run test:long` runs it, `npm test` does not.
 */
export default defineConfig({
  test: {
    // The report is what .ci/run counts.
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'dist/test-report.json' }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/story/**', 'test/long/**', fuzz],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'story',
          include: ['test/story/**/*.test.{ts,tsx}', fuzz],
          // Stories measure a stream in real time: each has the machine for itself, and after the unit tests.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 1_200_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
