import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent } from 'undici';
import { readPages } from '../floors/sync.ts';
import { settingsOf } from './processes.ts';

const name = '@supabase/stripe-sync-engine';
const version = '0.48.5';
const folder = fileURLToPath(new URL('../../../../../.local/bench', import.meta.url));
/** The CommonJS build, because the other one does not find its own migrations. */
const entry = `${folder}/node_modules/${name}/dist/index.cjs`;

/**
 * Installs the engine that P1b compares with in `.local/bench`, once. It is not one of the repository's packages, because only this
 * comparison needs it and it takes 24 MB, most of which is Stripe's client.
 *
 * @returns its entry point; undefined if it cannot be installed
 */
export async function fetchStripeSyncEngine(): Promise<string | undefined> {
  if (existsSync(entry)) return entry;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, '{ "private": true }\n');
  try {
    await promisify(execFile)(
      'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
      { cwd: folder },
    );
  } catch (error) {
    process.stderr.write(`P1b is left out: ${name}@${version} cannot be installed. ${String(error)}\n`);
    return undefined;
  }
  return entry;
}

interface StripeSyncEngine {
  runMigrations(settings: { databaseUrl: string; schema: string }): Promise<void>;
  StripeSync: new (settings: object) => {
    upsertCustomers(customers: object[]): Promise<unknown>;
    close(): Promise<void>;
  };
}

/**
 * The same pages through @supabase/stripe-sync-engine, into its own tables, with its upsert of customers, the cheapest it has (its
 * subscriptions need two more statements each). A page is fetched while the previous one is being written, which the engine itself
 * does not do when it reads Stripe.
 */
async function syncByStripeEngine(settings: { apiUrl: string; databaseUrl: string; engine: string }) {
  const { apiUrl, databaseUrl, engine } = settings;
  const { runMigrations, StripeSync } = createRequire(import.meta.url)(engine) as StripeSyncEngine;
  await runMigrations({ databaseUrl, schema: 'stripe' });
  const sync = new StripeSync({
    schema: 'stripe',
    stripeSecretKey: 'sk_test_none',
    stripeWebhookSecret: 'none',
    poolConfig: { connectionString: databaseUrl, max: 10 },
  });
  const agent = new Agent();
  const seconds = (day: string) => Math.floor(Date.parse(day) / 1000);

  const begun = performance.now();
  let rows = 0;
  for await (const page of readPages(apiUrl, agent)) {
    await sync.upsertCustomers(
      page.map(({ id, customerId, name: title, status, creationDate, ...rest }) => ({
        id,
        object: 'customer',
        created: seconds(creationDate),
        name: title,
        description: customerId,
        metadata: { status, ...rest },
      })),
    );
    rows += page.length;
  }
  const ms = performance.now() - begun;
  await agent.close();
  await sync.close();
  return { ms, rows };
}

if (import.meta.main) process.stdout.write(JSON.stringify(await syncByStripeEngine(settingsOf())));
