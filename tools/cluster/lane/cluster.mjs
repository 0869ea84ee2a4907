// The whole system on a real Kubernetes: npm run cluster
//   --images <file>   keeps the archive of images there, and takes it from there the next time
//   --log <file>      writes everything that is said there too
import { createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '@isthmus/testing/servers';
import { Pool } from 'pg';
import { api } from '../../docker/lane/api.mjs';
import { demonstrate } from '../../start/demo/demonstrate.mjs';
import { gatewayName, simulatorName, system } from '../../start/system.mjs';
import { checks, must, Stopped } from '../../docker/lane/checks.mjs';
import { hasKind, startKind } from '../kubernetes/kind.mjs';
import { startNode, whyNoNode } from '../kubernetes/node.mjs';
import { clientOf, namespace, until } from './client.mjs';
import { makeImages, sourcesOfLastRelease, tags } from './images.mjs';
import { makeConsumers, makeKeys, stackOf } from './keys.mjs';
import { startLoad } from './load.mjs';
import { nodePorts, olderInWords, renderRelease } from './overlay.mjs';
import { startWork, watchReleases } from './upgrade.mjs';
import { interrupt, share } from './workers.mjs';

const { values } = parseArgs({ options: { images: { type: 'string' }, log: { type: 'string' } } });
const log = values.log ? createWriteStream(values.log) : undefined;
const started = Date.now();
const say = (line) => {
  const at = ((Date.now() - started) / 1000).toFixed(0).padStart(5);
  process.stdout.write(`${at} s  ${line}\n`);
  log?.write(`${at} s  ${line}\n`);
};
const leastRequests = 20_000;
const services = system.filter(({ name }) => name !== simulatorName).map(({ name }) => name);
const apis = services.filter((name) => nodePorts[name]);
const migrated = system.filter(({ migrates }) => migrates).map(({ database }) => database);

const work = join(root, '.local', 'cluster-lane');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
let cluster;
let client;
let stack;
let ended;
/** Whatever ends this, nothing of it stays. */
const end = () =>
  (ended ??= (async () => {
    await cluster?.stop();
    for (const folder of [work, join(root, '.local', 'last-release')])
      rmSync(folder, { recursive: true, force: true });
  })());
const { check, result } = checks(say, async () => client?.troubles() ?? '');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => void end().finally(() => process.exit(130)));

try {
  const reason = (await hasKind()) ? undefined : whyNoNode();
  if (reason) {
    say(`There is neither a Docker engine with kind nor a node of our own here: ${reason}.`);
    process.stdout.write('0 passed, 0 failed, 1 skipped\n');
    process.exit(0);
  }
  await lane();
} catch (error) {
  if (!(error instanceof Stopped)) {
    result.failed += 1;
    say(error.stack);
  }
} finally {
  await end();
}
process.stdout.write(`${result.passed} passed, ${result.failed} failed\n`);
log?.write(`${result.passed} passed, ${result.failed} failed\n`);
process.exit(result.failed > 0 ? 1 : 0);

async function lane() {
  const keys = await makeKeys(join(work, 'keys'));
  const release = await sourcesOfLastRelease();
  const old = !(await hasKind());
  let simulatorTag = tags.first;
  const render = (from, tag, simulator) => renderRelease({ from, keys: keys.folder, tag, old, simulator });
  const objects = (tag) => render(root, tag, simulatorTag);
  // PostgreSQL and NATS with its permissions are brought up to date before a release (docs/nats.md): they are of this checkout.
  const lastObjects = async () => [
    ...(await render(release.folder, tags.last, tags.last)).filter((one) => !ofServers(one)),
    ...(await render(root, tags.last, tags.last)).filter(ofServers),
  ];

  await check('there is a cluster', startCluster, { vital: true });
  await check('there are images, and the node has them', () => loadImages(objects, release), { vital: true });
  await check(
    'overlays/local is applied, and everything is ready',
    () => objects(tags.first).then((all) => deploy(all, 'a')),
    {
      vital: true,
    },
  );
  stack = stackOf(cluster, keys);
  await check('the main job: connector, sync, order, increase, decrease, cancel', () => demo(keys));
  await check('a second release is applied over the first', () => releaseAgain(objects));
  await check(`a restart of every API under load loses nothing of ${leastRequests} requests`, restart);
  await check('60 runs are shared by 1, 2 and 4 workers', shares);
  await check('SIGKILL of a worker: its run goes on within its lease and 2 s', () => interrupted('SIGKILL'));
  await check('SIGTERM of a worker: its run goes on within 1 s', () => interrupted('SIGTERM'));
  await check('the pod of PostgreSQL is replaced', () => replace('postgres'));
  await check('the pod of NATS is replaced', () => replace('nats'));
  await check(
    'everything is deleted, and the last release stands in its place',
    () => goBack(lastObjects, release, keys),
    {
      vital: true,
    },
  );
  simulatorTag = tags.last;
  await check(
    'a rolling upgrade from the last release, under load and orders, loses and doubles nothing',
    () => upgrade(objects),
  );
}

async function startCluster() {
  cluster = (await hasKind()) ? await startKind(Object.values(nodePorts)) : await startNode();
  client = await clientOf(cluster);
  const failure = await until(nodeIsReady, { seconds: 120, what: 'a ready node' }).catch((error) => error);
  if (failure instanceof Error || !cluster.alive()) {
    for (const name of ['kube-apiserver', 'kubelet', 'containerd'])
      say(`--- ${name}\n${await cluster.log(name)}`);
    throw failure instanceof Error ? failure : new Error('The node has ended.');
  }
  if (cluster.old) say(olderInWords);
  const { serverVersion } = JSON.parse(await client.kubectl(['version', '--output', 'json']));
  return `${cluster.kind}, ${serverVersion.gitVersion}`;
}

async function nodeIsReady() {
  if (!cluster.alive()) return true;
  const ready = '{.items[0].status.conditions[?(@.type=="Ready")].status}';
  return (await client.kubectl(['get', 'nodes', '--output', `jsonpath=${ready}`])) === 'True';
}

async function loadImages(objects, release) {
  const archive = values.images ? resolve(values.images) : join(work, 'images.tar');
  if (!existsSync(archive))
    await makeImages({ archive, manifests: await objects(tags.first), release, docker: !cluster.old, say });
  const began = Date.now();
  await cluster.loadImages(archive);
  return `loaded in ${((Date.now() - began) / 1000).toFixed(1)} s`;
}

/** What components/servers makes. */
function ofServers({ kind, metadata: { name } }) {
  return kind === 'StatefulSet' || /^(nats-config|postgres|databases)(-|$)/.test(name);
}

async function deploy(all, volumes) {
  const first = ({ kind }) => kind === 'Namespace';
  await client.apply([...all.filter(first), ...cluster.volumes(volumes)]);
  const began = Date.now();
  await client.apply(all.filter((one) => !first(one)));
  await client.ready();
  const seconds = (Date.now() - began) / 1000;
  const pods = await client.pods();
  const restarted = pods.filter(({ restarts }) => restarts > 0);
  must(restarted.length === 0, `${restarted.map(({ name }) => name).join(', ')} did not start at once`);
  return `${all.length} objects, ${pods.length} pods, ready ${seconds.toFixed(1)} s after they were applied`;
}

async function demo(keys) {
  if (keys) await makeConsumers(stack, keys);
  const lines = [];
  await demonstrate(stack, (line) => lines.push(line), AbortSignal.timeout(300_000)).catch((error) => {
    say(lines.join('\n'));
    throw error;
  });
}

async function releaseAgain(objects) {
  await client.apply(await objects(tags.second));
  await client.ready();
  await everythingIs(tags.second);
}

async function ourPods() {
  return (await client.pods()).filter(({ app }) => services.includes(app));
}

async function everythingIs(tag) {
  const ours = await ourPods();
  const others = ours.filter(({ image }) => !image.endsWith(`:${tag}`));
  const deployed = (await client.deployments()).filter((name) => services.includes(name));
  must(ours.length >= deployed.length, `${ours.length} pods of ${deployed.length} programs`);
  must(others.length === 0, others.map(({ name, image }) => `${name} is ${image}`).join(', '));
}

/** What programs ask all the time: lists of every API, and Work 365 with its key. */
async function targets() {
  const [{ admin }] = Object.values(stack.tokens);
  const authorization = `Bearer ${admin}`;
  const connectors = api(stack.services['connector-config'], admin);
  const { data } = await connectors.get('/v1/connectors?limit=1');
  const { key } = await connectors.post(`/v1/connectors/${data[0].id}/api-keys`, { label: 'lane' });
  const lists = {
    'connector-config': '/v1/connectors?limit=5',
    'account-sync': '/v1/provider-accounts?limit=5',
    'product-catalog': '/v1/products?limit=5',
    'subscription-lifecycle': '/v1/subscriptions?limit=5',
    webhooks: '/v1/webhook-endpoints?limit=5',
  };
  const deployed = await client.deployments();
  return [
    // Behind a session, which only a browser has.
    { name: gatewayName, url: `${stack.services[gatewayName]}/healthz/live`, headers: {} },
    ...Object.entries(lists).map(([name, path]) => ({
      name,
      url: stack.services[name] + path,
      headers: { authorization },
    })),
    ...['/countries/US/validation-rules', '/customers'].map((path) => ({
      name: 'rest-provider',
      url: stack.services['rest-provider'] + path,
      headers: { 'work-365-rest-provider-api-key': key },
    })),
  ].filter(({ name }) => deployed.includes(name));
}

async function restart() {
  const load = startLoad(await targets(), 8);
  let rounds = 0;
  async function restartAll() {
    do {
      for (const name of apis) {
        await client.kubectl(['rollout', 'restart', `deployment/${name}`]);
        await client.ready([name]);
      }
      rounds += 1;
    } while (load.sent() < leastRequests);
  }
  const failure = await restartAll().catch((error) => error);
  const { lost, inWords } = await load.stop();
  if (failure) throw new Error(`${failure.message}\n${inWords}`);
  must(lost.length === 0, `${inWords}\n${lost.slice(0, 20).join('\n')}`);
  return `${rounds} round(s) of ${apis.length} restarts; ${inWords}`;
}

async function shares() {
  const lines = [];
  const took = [];
  for (const workers of [1, 2, 4]) {
    const { seconds, shares: each } = await share({ client, stack, workers, count: 60 });
    took.push(seconds);
    lines.push(`${workers}: ${each.join('/')} in ${seconds.toFixed(1)} s`);
  }
  must(took[0] > took[1] && took[0] > took[2], `More workers were no faster: ${lines.join('; ')}`);
  return lines.join('; ');
}

async function interrupted(signal) {
  const { seconds, done } = await interrupt({ client, cluster, stack, signal });
  return `after ${seconds.toFixed(2)} s, from the ${done} subscriptions that were read; it succeeded`;
}

async function replace(name) {
  const count = async () => (await ourPods()).map((pod) => `${pod.name} ${pod.restarts}`);
  const before = await count();
  const began = Date.now();
  await client.kubectl(['delete', 'pod', `${name}-0`]);
  await client.ready();
  const seconds = ((await client.calm()) - began) / 1000;
  await demo();
  const after = await count();
  must(
    after.sort().join() === before.sort().join(),
    `Pods were restarted: ${after.filter((pod) => !before.includes(pod)).join(', ')}`,
  );
  return `everything ready after ${seconds.toFixed(1)} s, no pod of ours restarted, the main job passes`;
}

async function goBack(lastObjects, release, keys) {
  await client.kubectl(['delete', 'namespace', namespace, '--timeout=180s']);
  await client.kubectl(['delete', 'persistentvolume', '--all']);
  const said = await deploy(await lastObjects(), 'b');
  await everythingIs(tags.last);
  await demo(keys);
  return `commit ${release.commit.slice(0, 8)}: ${said}; its main job passes`;
}

/** What PostgreSQL answers, as its administrator. */
async function ask(database, query) {
  const pool = new Pool({ connectionString: stack.postgres(database), max: 1 });
  try {
    return (await pool.query(query)).rows;
  } finally {
    await pool.end();
  }
}

async function databases() {
  const rows = await ask('postgres', 'select datname as name from pg_database');
  return rows.map(({ name }) => name);
}

async function migrations() {
  let sum = 0;
  for (const database of await databases())
    if (migrated.includes(database)) {
      const [{ there }] = await ask(
        database,
        `select to_regclass('mikro_orm_migrations') is not null as there`,
      );
      if (there)
        sum += (await ask(database, 'select count(*)::int as count from mikro_orm_migrations'))[0].count;
    }
  return sum;
}

/** A release with a new service wants its database first (k8s/README.md). */
async function makeDatabases() {
  const there = await databases();
  const missing = migrated.filter((database) => !there.includes(database));
  for (const database of missing) await ask('postgres', `create database ${database}`);
  return missing;
}

async function upgrade(objects) {
  const made = await makeDatabases();
  const before = await migrations();
  const next = await objects(tags.first);
  const work365 = startLoad(await targets(), 6);
  const acts = await startWork(cluster, stack);
  const watched = watchReleases(client, stack, services, [tags.last, tags.first]);
  let failure;
  try {
    await until(() => acts.orders() >= 5, { seconds: 60, what: 'orders before the upgrade' });
    await client.apply(next);
    await client.ready();
    await everythingIs(tags.first);
    const reached = acts.orders();
    await until(() => acts.orders() >= reached + 5, { seconds: 60, what: 'orders after the upgrade' });
  } catch (error) {
    failure = error;
  }
  const { bothMs, connections, together } = await watched();
  const [load, done] = await Promise.all([work365.stop(), acts.stop()]);
  const lines = [
    `${load.inWords}`,
    `${done.orders} orders, ${done.atCmp} at CMP, ${done.notSettled.length} not settled, ${done.unheard.length} without a webhook`,
    `${done.webhooks} webhooks, ${done.repeated} of them twice; ${done.runs} syncs, ${done.badRuns.length} failed`,
    `${done.failures.length} failed requests of people; ${(await migrations()) - before} new migrations, ${made.length} new databases`,
    `both releases served side by side for ${(bothMs / 1000).toFixed(0)} s, of ${together.length} programs at the same time; ${connections} connections to PostgreSQL at most`,
  ];
  if (failure) throw new Error(`${failure.message}\n${lines.join('\n')}`);
  const bad = [...load.lost, ...done.failures, ...done.notSettled, ...done.unheard, ...done.badRuns];
  must(
    bad.length === 0 && done.atCmp === done.orders && bothMs > 0,
    [...lines, ...bad.slice(0, 20)].join('\n'),
  );
  return lines.join('; ');
}
