import { createRequire } from 'node:module';
import { Agent } from 'undici';
import { readPages } from '../floors/read-pages.ts';
import { settingsOf } from '../stack/program.ts';

interface StripeSyncEngine {
  runMigrations(settings: { databaseUrl: string; schema: string }): Promise<void>;
  StripeSync: new (settings: object) => {
    upsertCustomers(customers: object[]): Promise<unknown>;
    close(): Promise<void>;
  };
}

/**
 * The same pages through @supabase/stripe-sync-engine, into its own tables: its upsert of customers, the cheapest it has (its
 * subscriptions take two more statements each). A page is fetched while the one before it is written, which its own reading
 * of Stripe does not do.
 */
const { apiUrl, databaseUrl, engine } = settingsOf<{ apiUrl: string; databaseUrl: string; engine: string }>();
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
    page.map(({ id, customerId, name, status, creationDate, ...rest }) => ({
      id,
      object: 'customer',
      created: seconds(creationDate),
      name,
      description: customerId,
      metadata: { status, ...rest },
    })),
  );
  rows += page.length;
}
const ms = performance.now() - begun;
await agent.close();
await sync.close();
process.stdout.write(JSON.stringify({ ms, rows }));
