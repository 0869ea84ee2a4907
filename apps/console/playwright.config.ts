import { defineConfig } from '@playwright/test';
import type { WorkerFixtures } from './test/support/console.ts';

/** The machine's own browser, which `npm test -- browser` looks for: Playwright downloads none. */
const executablePath = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';

export default defineConfig<object, WorkerFixtures>({
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
  projects: [
    { name: 'pages', use: { audits: process.env['AUDITS'] !== 'off' } },
    // The same once more without a mouse, but for what is about a pointer, a screen or a keyboard anyway.
    {
      name: 'no mouse',
      grepInvert: /pointer|pixels|small screen|keyboard/,
      use: { byKeyboard: true, audits: false },
    },
    ...(process.env['SPEED'] ? [{ name: 'speed', testMatch: '**/speed.bench.ts' }] : []),
  ],
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
