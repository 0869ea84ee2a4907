import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freshDatabase, type FreshDatabase } from '@isthmus/testing';
import { Client } from 'pg';
import { system } from '../start/system.mjs';
import { type Manifest, render } from './kubectl.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const role = readFileSync(join(root, 'k8s/components/autoscaling/role.sql'), 'utf8')
  .replace(/^--.*$/gm, '')
  .replace(':password', "'only-a-test'");

interface Scaled {
  query: string;
  secret: string;
}
/** The query of each ScaledObject, and the Secret from which KEDA takes the address. */
async function scaledObjects(): Promise<Scaled[]> {
  const objects = await render('overlays/production');
  const of = (kind: string, name: string): Manifest =>
    objects.find((one) => one.kind === kind && one.metadata.name === name)!;
  return objects
    .filter(({ kind }) => kind === 'ScaledObject')
    .flatMap(({ spec }) => spec.triggers)
    .filter(({ type }: { type: string }) => type === 'postgresql')
    .map(({ metadata, authenticationRef }) => ({
      query: metadata.query as string,
      secret: of('TriggerAuthentication', authenticationRef.name).spec.secretTargetRef[0].name as string,
    }));
}

async function on<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const insertDue: Record<string, string> = {
  'account-sync': `insert into sync_runs (id, tenant_id, connector_id, scope, depth, trigger, requested_by, status, counts, enqueued_at, created_at)
    values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'accounts', 'full', 'manual', 'spec', 'queued', '{}', now(), now())`,
};

let databases: FreshDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.drop())));

it('KEDA reads how much is due of each kind of work, as a role that may read nothing else', async () => {
  const scaled = await scaledObjects();
  expect(scaled.map(({ secret }) => secret).sort()).toEqual([
    'autoscaler-account-sync',
    'autoscaler-subscription-lifecycle',
    'autoscaler-webhooks',
  ]);
  for (const { query, secret } of scaled) {
    const service = secret.replace('autoscaler-', '');
    const database = await freshDatabase(`scaling ${service}`);
    databases = [...databases, database];
    const program = system.find(({ name }) => name === service)!.run;
    await run(process.execPath, [join(root, program), 'migrate'], {
      env: { ...process.env, ...database.env },
    });
    // Made once for each database; again is no error.
    await on(database.url, (owner) => owner.query(role));
    await on(database.url, (owner) => owner.query(role));
    const url = new URL(database.url);
    url.username = 'isthmus_autoscaler';
    url.password = 'only-a-test';
    const due = () => on(url.href, async (keda) => (await keda.query<{ due: number }>(query)).rows);
    expect([service, await due()]).toEqual([service, [{ due: 0 }]]);
    const insert = insertDue[service];
    if (insert) {
      await on(database.url, (owner) => owner.query(insert));
      expect(await due()).toEqual([{ due: 1 }]);
    }
    await on(url.href, async (keda) => {
      const { rows } = await keda.query<{ relname: string; relkind: string }>(
        `select relname, relkind from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p')`,
      );
      expect(rows.length).toBeGreaterThan(5);
      for (const { relname } of rows.filter((one) => one.relname !== 'backlog'))
        await expect(keda.query(`select from ${relname}`)).rejects.toThrow(/permission denied/);
      await expect(keda.query('create table mine ()')).rejects.toThrow(/permission denied|read-only/);
      await expect(keda.query('delete from backlog')).rejects.toThrow(
        /permission denied|read-only|cannot delete/,
      );
    });
  }
}, 240_000);
