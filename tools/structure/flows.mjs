// The files that three flows execute: `node tools/structure/flows.mjs [folder of a built checkout] [--list]`.
//   order     POST /v1/orders until CMP has accepted it
//   sync      one account's subscriptions read from CMP, until the change of one is known to subscription-lifecycle
//   purchase  POST /subscriptions of the Rest Provider API until it is answered
// Starts the system of that checkout on free ports, with data of its own, and ends it. What the loops of idle services execute is left out.
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Coverage } from './coverage.mjs';

const root = resolve(process.argv.slice(2).find((word) => !word.startsWith('--')) ?? '.');
const local = mkdtempSync(join(tmpdir(), 'isthmus-flows-'));
// PostgreSQL runs as another user where we are root.
chmodSync(local, 0o755);
process.env.ISTHMUS_LOCAL_DIR = local;
// Each program opens its inspector on a free port and logs it.
process.env.NODE_OPTIONS = '--inspect=127.0.0.1:0';
const load = (path) => import(join(root, 'tools/start', path));
const { startStack } = await load('stack.mjs');
const { endAll } = await load('processes.mjs');
// A checkout from before the SDK has its own client of the API.
const hasSdk = existsSync(join(root, 'libs/sdk'));
const { api } = await load(hasSdk ? '../docker/lane/api.mjs' : 'demo/api.mjs');
const sdk = hasSdk && (await import(join(root, 'libs/sdk/dist/index.js')));
const { resolvePartNumber } = await load('demo/ordering.mjs');
const steps = await load('demo/steps.mjs');
const { syncAndFinish } = await load('demo/sync-runs.mjs');

const ending = new AbortController();
const coverage = new Coverage(root);
try {
  const { signal } = ending;
  const stack = await startStack({ simulator: true }, () => {}, signal);
  const [{ admin }] = Object.values(stack.tokens);
  const service = (name) => api(stack.services[name], admin);
  const demo = {
    stack,
    signal,
    say() {},
    ...(sdk && { isthmus: sdk.connect({ baseUrl: stack.services, token: admin }) }),
    connectors: service('connector-config'),
    accountSync: service('account-sync'),
    catalogue: service('product-catalog'),
    lifecycle: service('subscription-lifecycle'),
  };
  const connector = await steps.createConnector(demo);
  const { version } = await demo.connectors.get(`/v1/connectors/${connector.id}`);
  const terms = { termOfFrequency: { monthly: 'P1Y' } };
  await demo.connectors.patch(`/v1/connectors/${connector.id}`, terms, { 'if-match': `"${version}"` });
  await steps.syncAccounts(demo, connector);
  await steps.syncEverySubscription(demo, connector);
  // What was synced reaches subscription-lifecycle by events.
  await until(
    async () => (await demo.lifecycle.get('/v1/subscriptions?status=active&limit=1')).data.length > 0,
  );
  await sleep(3_000);
  const account = await steps.linkAccount(demo, connector);
  await steps.makeBillingContract(demo, account, connector.currency);
  await steps.syncCatalogue(demo, connector);
  const product = await resolvePartNumber(demo, connector);

  const { key } = await demo.connectors.post(`/v1/connectors/${connector.id}/api-keys`, {
    label: 'Work 365',
  });
  const work365 = async (method, path, body) => {
    const headers = {
      'work-365-rest-provider-api-key': key,
      ...(body && { 'content-type': 'application/json' }),
    };
    const url = `${stack.services['rest-provider']}${path}`;
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const customer = (await work365('GET', '/customers')).body.find(({ domain }) => domain);

  await coverage.connect(join(local, 'logs'), ['cmp-simulator']);
  await sleep(3_000);
  await coverage.mark();
  await sleep(6_000);
  const idle = await coverage.mark();

  const flows = {
    async order() {
      const wanted = { kind: 'create', providerAccountId: account.id, ...product, seats: 5 };
      const { id } = await demo.lifecycle.post('/v1/orders', wanted, { 'idempotency-key': randomUUID() });
      await until(async () =>
        ['accepted', 'proving', 'settled'].includes((await demo.lifecycle.get(`/v1/orders/${id}`)).status),
      );
    },
    async sync() {
      const before = await count(demo, account);
      await until(async () => {
        await syncAndFinish(
          demo.isthmus ? demo.isthmus.syncRuns : demo.accountSync,
          { connectorId: connector.id, scope: 'subscriptions', providerAccountId: account.id },
          signal,
        );
        return (await count(demo, account)) > before;
      });
    },
    async purchase() {
      const answer = await work365('POST', '/subscriptions', {
        partNumber: product.partNumber,
        provisioningFrequency: 1,
        quantity: 3,
        customer: { id: customer.id },
      });
      if (![200, 202].includes(answer.status))
        throw new Error(`The purchase returned ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
  };
  for (const [name, run] of Object.entries(flows)) {
    await coverage.mark();
    await run();
    const executed = await coverage.mark();
    const files = new Set([...executed].filter((one) => !idle.has(one)).map((one) => one.split(' ')[1]));
    process.stdout.write(`${name.padEnd(10)} ${String(files.size).padStart(4)} files\n`);
    if (process.argv.includes('--list'))
      for (const file of [...files].sort()) process.stdout.write(`  ${file}\n`);
  }
} finally {
  coverage.close();
  ending.abort();
  await endAll();
  rmSync(local, { recursive: true, force: true });
}

async function until(condition) {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('A flow did not finish within 60 s.');
    await sleep(50);
  }
}

async function count({ lifecycle }, account) {
  const { data } = await lifecycle.get(`/v1/subscriptions?providerAccountId=${account.id}&limit=200`);
  return data.length;
}
