import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../../platform/acts.ts';
import { contoso, startBehindGateway, wholePlatform } from '../../platform/gateway.ts';
import { type Finding, percentile } from '../measuring.ts';
import { atEnd } from '../stack/processes.ts';

const customers = 10_000;
const root = fileURLToPath(new URL('../../../../../', import.meta.url));

/**
 * The stories that are the main job: connect and link; contract, subscriptions, domain, part number, buy, change. The first begins
 * with an empty platform, because connectors of one account at CMP share its calls, and the others leave none.
 */
const walks = [
  ['connect Ingram'],
  ['an account: link it', 'a part number is mapped', 'buy: customer', 'seats: options'],
];

/** The main job in a browser, and what a page of 10,000 rows feels like, on the built console. */
export async function measure(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-bench-console-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const walked = await walkThrough(join(folder, 'walk.json'));
  const { shown, scrolled, first, clicks } = await feel(folder);
  return [
    seconds('B1', 'the main job in a browser, step by step', walked, 90),
    times('B2', `click on Accounts → first rows of ${customers}: p50; slowest`, shown, 1_000),
    times('B3', 'the same from the address: p50; slowest', first, 2_500),
    times('B4', 'scrolled to the end of what is loaded → more rows: p50; slowest', scrolled, 1_000),
    times(
      'B5',
      `click → the frame that shows what it did, of ${clicks.length} clicks: p50; slowest`,
      clicks,
      100,
    ),
  ];
}

/** Each on a platform of its own, as `npm start` starts it, whose start does not count; in seconds. */
async function walkThrough(report: string): Promise<number> {
  let ms = 0;
  for (const stories of walks) {
    await playwright(['--project', 'pages', '--grep', stories.join('|'), '--reporter', 'json'], {
      AUDITS: 'off',
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    });
    const took = durationsIn(JSON.parse(readFileSync(report, 'utf8')) as Suite);
    if (took.length !== stories.length)
      throw new Error(`${took.length} stories were walked, not ${stories.length}.`);
    ms += took.reduce((sum, one) => sum + one, 0);
  }
  return ms / 1_000;
}

/** Of Playwright's report, as far as it is needed. */
interface Suite {
  suites?: Suite[];
  specs?: { tests: { results: { duration: number }[] }[] }[];
}

/** Of each test, in ms. */
const durationsIn = ({ suites = [], specs = [] }: Suite): number[] => [
  ...specs.flatMap(({ tests }) => tests.flatMap(({ results }) => results.map(({ duration }) => duration))),
  ...suites.flatMap(durationsIn),
];

interface Feel {
  shown: number[];
  scrolled: number[];
  first: number[];
  clicks: number[];
}

/** Times in ms, of a platform with many accounts. */
async function feel(folder: string): Promise<Feel> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const { gateway, platform, stop } = await startBehindGateway({
    ...wholePlatform,
    postgres: postgres.url,
    simulator: { world: { customers, subscriptions: 100, products: 50 } },
    env: { LOG_LEVEL: 'warn', CONSOLE_DIR: join(root, 'apps/console/dist') },
  });
  atEnd(stop);
  // The tenant of the person whose button the browser presses.
  const user = await platform.as({ tenant: contoso });
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  writeFileSync(
    join(folder, 'stack.json'),
    JSON.stringify({ services: { 'console-gateway': gateway.url }, tokens: {}, simulator: {} }),
  );
  const figures = join(folder, 'speed.json');
  await playwright(['--project', 'speed'], { SPEED: figures, ISTHMUS_LOCAL_DIR: folder });
  return JSON.parse(readFileSync(figures, 'utf8')) as Feel;
}

async function playwright(args: string[], env: Record<string, string>): Promise<void> {
  const program = [join(root, 'node_modules/@playwright/test/cli.js'), 'test', '--config'];
  const child = spawn(process.execPath, [...program, join(root, 'apps/console'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The tests in a browser ended with ${code}.`);
}

const seconds = (id: string, what: string, took: number, most: number): Finding => ({
  ...{ id, what, figure: `${took.toFixed(0)} s`, must: `≤ ${most} s`, aim: '–', passed: took <= most },
});

function times(id: string, what: string, took: readonly number[], most: number): Finding {
  const [middle, slowest] = [percentile(took, 0.5), percentile(took, 1)];
  return {
    ...{ id, what, figure: `${middle.toFixed(0)}; ${slowest.toFixed(0)} ms` },
    ...{ must: `p50 ≤ ${most} ms`, aim: '–', passed: middle <= most },
  };
}
