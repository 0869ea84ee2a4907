import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@isthmus/testing';
import { Client } from 'pg';
import {
  connectorFields,
  createConnector,
  isNce,
  oneMore,
  placed,
  subscriptionsLike,
  sync,
  syncCatalogue,
} from '../platform/acts.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';

const root = join(import.meta.dirname, '../../../..');

let platform: Platform;
let folder: string;
let databases: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-audit-'));
  platform = await startPlatform({
    catalog: true,
    lifecycle: true,
    restProvider: true,
    webhooks: true,
    env: { AUDIT_PUBLISH_MS: '200' },
  });
  const named = (name: string) =>
    platform.databases.find((url) => new URL(url).pathname.includes(name.replaceAll('-', '_')))!;
  databases = {
    'connector-config': named('connector-config'),
    'account-sync': named('account-sync'),
    'product-catalog': platform.catalogDatabase!,
    'subscription-lifecycle': platform.lifecycleDatabase!,
    'rest-provider': named('rest-provider'),
    webhooks: platform.webhooksDatabase!,
  };
  await writeFile(join(folder, 'databases.json'), JSON.stringify(databases));
});
afterAll(async () => {
  await platform?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function inside<T>(service: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databases[service] });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** `npm run audit:verify` on a built checkout. */
const verify = () =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const args = ['tools/audit/verify.mjs', '--databases', join(folder, 'databases.json')];
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
    );
  });

/** A command in every service. */
async function commands(): Promise<void> {
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  await syncCatalogue(user, connectorId);
  const [subscription] = await subscriptionsLike(user, 1, isNce);
  await placed(user, oneMore(subscription));
  await user.webhooks.post('/v1/webhook-endpoints', {
    url: 'https://127.0.0.1:9/',
    eventTypes: ['account-sync.invoice-imported.v1'],
  });
  const { key } = (
    await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: 'Work 365' })
  ).body;
  const work365 = async (method: string, path: string, body?: object) => {
    const response = await fetch(platform.restProvider!.url + path, {
      method,
      headers: { 'work-365-rest-provider-api-key': key, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return JSON.parse(await response.text());
  };
  const [customer] = await work365('GET', '/customers');
  await work365('POST', '/agreements', {
    customer: { id: customer.id },
    signedBy: { firstName: 'Jane', lastName: 'Doe', email: 'jane@fabrikam.example' },
    signedOn: '2026-11-05T10:00:00Z',
    templateId: 'MicrosoftCustomerAgreement',
  });
}

/** How many entries a service has, and of how many of them others know. */
const lengths = async (service: string): Promise<[entries: number, known: number]> => {
  const witness = service === 'webhooks' ? 'connector-config' : 'webhooks';
  const { rows } = await inside(service, (client) =>
    client.query('select count(*)::int as entries from audit_entries'),
  );
  const { rows: heads } = await inside(witness, (client) =>
    client.query(
      'select coalesce(max(sequence), 0)::int as known from witnessed_audit_heads where service = $1',
      [service],
    ),
  );
  return [rows[0].entries, heads[0].known];
};

it('is kept by every service, its end by another, and a tail that somebody cut off is named', async () => {
  await commands();
  const all = Object.keys(databases);
  for (const service of all)
    await eventually(async () => {
      const [entries, known] = await lengths(service);
      if (entries > 0 && entries === known) return true;
      throw new Error(`${service} has ${entries} entries, and ${known} are known.`);
    });
  const whole = await verify();
  expect(whole.code).toBe(0);
  for (const service of all)
    expect(whole.said).toMatch(new RegExp(`^${service}: \\d+ entr(y|ies) of 1 tenant, whole$`, 'm'));

  for (const service of all)
    await inside(service, async (client) => {
      for (const table of ['audit_links', 'audit_entries'])
        await client.query(`alter table ${table} disable trigger user`);
      await client.query(
        'delete from audit_entries where position = (select max(position) from audit_links)',
      );
      await client.query('delete from audit_links where position = (select max(position) from audit_links)');
      for (const table of ['audit_links', 'audit_entries'])
        await client.query(`alter table ${table} enable trigger user`);
    });
  const cut = await verify();
  expect(cut.code).toBe(1);
  for (const service of all)
    expect(cut.said).toMatch(
      new RegExp(`^${service}: \\d+ entr(y|ies) of 1 tenant, 1 fault\\n  tenant .+: tail-missing\\. `, 'm'),
    );
});
