import { defineConfig } from '@playwright/test';

/** The machine's own browser, which `npm test -- browser` looks for: Playwright downloads none. */
const executablePath = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: 'test',
  testMatch: '**/*.browser.ts',
  outputDir: 'dist-test',
  globalSetup: './test/support/stack.ts',
  // One stack, and one story after the other: they change what they share.
  workers: 1,
  fullyParallel: false,
  // Only ends what hangs: a slow machine must not fail what is right.
  timeout: 300_000,
  expect: { timeout: 120_000 },
  reporter: [['line'], ['json', { outputFile: 'dist-test/results.json' }]],
  use: {
    browserName: 'chromium',
    actionTimeout: 90_000,
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
