// The containers step of `npm test`: builds the image, starts the composition, runs the demo against it, ends it; reports what passed.
//   node tools/docker/lane/containers.mjs --report <file>
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs, promisify } from 'node:util';
import { root } from '@isthmus/testing/servers';
import { withoutData } from '../../cluster/prometheus.mjs';
import { Browser } from '@isthmus/testing';
import { api } from './api.mjs';
import { demonstrate } from '../../start/demo/demonstrate.mjs';
import { gatewayName, simulatorName, system } from '../../start/system.mjs';
import { checks, must, Stopped } from './checks.mjs';
import { composition } from './composition.mjs';
import { startEngine, whyNot } from './engine.mjs';
import { images, provideImages } from './stand-ins.mjs';

const run = promisify(execFile);
const { values } = parseArgs({ options: { report: { type: 'string' } } });
const say = (line) => process.stdout.write(`${line}\n`);
const { check, result } = checks(say);
Object.assign(result, { skipped: 0, note: '' });
const image = 'localhost/isthmus:local';
const signInImage = 'localhost/isthmus-sign-in:local';
const mostOwnMB = 100;
const programs = system.map(({ name }) => name);
const services = programs.filter((name) => name !== simulatorName);

const reason = await whyNot();
if (reason) {
  Object.assign(result, { skipped: 1, note: reason });
  say(`Containers are not tested: ${reason}.`);
  finish();
}

const engine = await startEngine(say);
const { podman, aloud } = engine;
// Whatever ends this, nothing of it stays.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => void engine.stop().finally(() => process.exit(130)));

try {
  await check('there are images to build on', () => provideImages(engine), { vital: true });
  const unfit = await noContainer();
  if (unfit) {
    Object.assign(result, { passed: 0, skipped: 1, note: unfit });
    say(`Containers are not tested: ${unfit}.`);
    throw new Stopped();
  }
  await check('the images are built', build, { vital: true });
  await check(`our own layers are at most ${mostOwnMB} MB`, size);
  await check('the image says what it is, runs as nobody special, and lists what is in it', identity);
  await check('a container that is told no program says which there are', usage);
  const host = await engine.serve();
  const composed = await composition(engine, host);
  await check('docker compose up: every program migrates, starts and is ready', () => up(composed), {
    vital: true,
  });
  await check('the main job: connector, sync, order, increase, decrease, cancel', () => demo(composed));
  await check('the console and its files are in the image', () => pages(composed));
  await check('somebody signs in by a button', () => signIn(composed));
  await check('no program can write to its file system, or is root', () => confined(composed));
  await check('metrics are at their own port', () => metricsApart(composed));
  await check('every expression of alerts and dashboards has data', () => observed(composed));
  await check('memory after the demo', () => memory(composed));
  await check('SIGTERM ends every program with 0', () => terminate(composed));
  await check('a name server that does not answer holds nobody who is to end', () => stuckNames());
  await engine.clear();
  await check('specs run on servers that testcontainers starts', () => testcontainers(host));
} catch (error) {
  if (!(error instanceof Stopped)) {
    result.failed += 1;
    say(error.stack);
  }
} finally {
  await engine.stop();
}
finish();

function finish() {
  if (values.report) writeFileSync(values.report, JSON.stringify(result));
  process.exit(result.failed > 0 ? 1 : 0);
}

/** Why podman, which is installed, can run nothing at all, as where somebody may not make namespaces. */
async function noContainer() {
  const alone = ['run', '--rm', '--network', 'none', '--entrypoint', 'node', images.node, '--version'];
  const { stderr } = await podman(alone).then(
    () => ({ stderr: '' }),
    (error) => error,
  );
  return stderr && `podman cannot run a container here: ${stderr.trim().split('\n').at(-1)}`;
}

async function build() {
  const { stdout: cache } = await run('npm', ['config', 'get', 'cache'], { cwd: '/' });
  for (const [target, name] of Object.entries({ isthmus: image, 'sign-in': signInImage }))
    await aloud([
      ...['build', '--network', 'host', '--format', 'docker', '--layers', '--quiet', '--target', target],
      ...['--volume', `${cache.trim()}:/root/.npm`, '-f', 'tools/docker/Dockerfile', '-t', name],
      ...['--build-arg', `BASE=${images.node}`, '--build-arg', 'REVISION=lane', '.'],
    ]);
}

async function size() {
  const bytes = async (name) => Number(await podman(['image', 'inspect', '--format', '{{.Size}}', name]));
  const [whole, base] = await Promise.all([image, images.node].map(bytes));
  const own = (whole - base) / 1e6;
  must(own <= mostOwnMB, `they are ${own.toFixed(1)} MB`);
  return `${own.toFixed(1)} MB, on a base of ${(base / 1e6).toFixed(0)} MB`;
}

async function identity() {
  const [{ Config: config, Healthcheck: health }] = JSON.parse(await podman(['image', 'inspect', image]));
  must(config.User === '1000:1000', `its user is ${config.User}`);
  for (const label of ['title', 'version', 'revision', 'base.name'])
    must(config.Labels[`org.opencontainers.image.${label}`], `it has no label ${label}`);
  must(config.Labels['org.opencontainers.image.base.name'] === images.node, 'it names another base');
  must(health?.Test?.includes('/app/tools/docker/healthy.mjs'), 'it has no health check');
  const bill = JSON.parse(await podman(['run', '--rm', '--entrypoint', 'cat', image, 'sbom.json']));
  must(bill.bomFormat === 'CycloneDX' && bill.components.length > 100, 'its bill of materials is not one');
  return `${bill.components.length} components`;
}

async function usage() {
  const { code, stderr } = await podman(['run', '--rm', image]).then(
    () => ({ code: 0, stderr: '' }),
    (error) => error,
  );
  must(
    code === 64 && system.every(({ run: program }) => stderr.includes(program)),
    `it ended with ${code}: ${stderr}`,
  );
}

async function up(composed) {
  await composed.up().catch(async (error) => {
    say(await composed.logs().catch(() => ''));
    throw error;
  });
  for (const service of composed.services) {
    const state = JSON.parse(
      await podman(['inspect', '--format', '{{json .State}}', composed.container(service)]),
    );
    const once = service.endsWith('-migrate') || service === 'identity';
    must(once ? state.ExitCode === 0 : state.Running, `${service} is ${state.Status} (${state.ExitCode})`);
  }
}

async function demo(composed) {
  const stack = await composed.stack();
  const [{ admin }] = Object.values(stack.tokens);
  // Somebody who listens, without success: attempts are counted too.
  await api(stack.services.webhooks, admin).post('/v1/webhook-endpoints', {
    url: 'http://cmp-simulator:8080/nobody',
  });
  const lines = [];
  await demonstrate(stack, (line) => lines.push(line), AbortSignal.timeout(150_000)).catch((error) => {
    say(lines.join('\n'));
    throw error;
  });
}

async function pages(composed) {
  const { services } = await composed.stack();
  const read = async (path) => {
    const response = await fetch(new URL(path, services[gatewayName]), { headers: { accept: 'text/html' } });
    must(response.ok, `${path}: HTTP ${response.status}`);
    return response.text();
  };
  const [, program] = /<script[^>]* src="(\/assets\/[^"]+)"/.exec(await read('/')) ?? [];
  must(program, 'the page has no program: the console was not built');
  return `${((await read(program)).length / 1e3).toFixed(0)} kB of ${program}`;
}

async function signIn(composed) {
  const { services } = await composed.stack();
  const origin = services[gatewayName];
  const browser = new Browser();
  await browser.signIn(origin, 'Contoso CSP: admin');
  const { status, json } = await browser.open(`${origin}/v1/me`);
  must(status === 200 && json.roles.includes('admin'), `/v1/me: HTTP ${status} ${JSON.stringify(json)}`);
  return `${json.name}, by ${browser.cookies.size} cookies`;
}

async function confined(composed) {
  for (const name of programs) {
    const inside = (...command) => podman(['exec', composed.container(name), ...command]);
    must((await inside('id', '-u')) === '1000', `${name} is not 1000`);
    const wrote = await inside('sh', '-c', 'echo > /app/written || echo > /written').then(
      () => true,
      () => false,
    );
    must(!wrote, `${name} can write`);
  }
}

async function metricsApart(composed) {
  const name = composed.container('account-sync');
  const at = (port, path) =>
    podman([
      'exec',
      name,
      'node',
      '-e',
      `fetch('http://127.0.0.1:${port}${path}').then((r) => console.log(r.status))`,
    ]);
  const [own, api] = await Promise.all([at(9464, '/metrics'), at(8080, '/metrics')]);
  must(own === '200' && api === '404', `${own} at 9464, ${api} at 8080`);
}

/** From this machine, which reaches every container by its address. */
async function observed(composed) {
  const targets = await Promise.all(
    services.map(async (app) => {
      const networks = JSON.parse(
        await podman(['inspect', '--format', '{{json .NetworkSettings.Networks}}', composed.container(app)]),
      );
      return { app, target: `${Object.values(networks)[0].IPAddress}:9464` };
    }),
  );
  const missing = await withoutData(targets);
  must(missing.length === 0, missing.join('\n'));
}

async function memory(composed) {
  const all = await Promise.all(
    [...programs, 'nats', 'postgres'].map(async (name) => [name, await composed.memory(name)]),
  );
  const sum = all.reduce((total, [, mib]) => total + mib, 0);
  return `${all.map(([name, mib]) => `${name} ${mib}`).join(', ')}; together ${sum} MiB`;
}

async function terminate(composed) {
  const took = await Promise.all(
    programs.map(async (name) => {
      const started = Date.now();
      await podman(['stop', '--time', '20', composed.container(name)]);
      const code = await podman(['inspect', '--format', '{{.State.ExitCode}}', composed.container(name)]);
      must(code === '0', `${name} ended with ${code}`);
      return Date.now() - started;
    }),
  );
  return `the slowest in ${Math.max(...took)} ms`;
}

/** 192.0.2.1 belongs to nobody (RFC 5737): a query there is never answered. */
async function stuckNames() {
  const settings = {
    DATABASE_URL: 'postgres://u:p@database.example.test/x',
    NATS_URL: 'nats://nats.example.test:4222',
    OIDC_ISSUER: 'https://issuer.test',
    OIDC_AUDIENCE: 'isthmus',
    OIDC_JWKS_URL: 'https://issuer.example.test/jwks',
    SECRET_RING: JSON.stringify({ current: 'k', keys: { k: Buffer.alloc(32, 1).toString('base64') } }),
  };
  const worker = system.find(({ name }) => name === 'account-sync-worker').run;
  const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  await podman(['run', '--detach', '--name', 'stuck', '--dns', '192.0.2.1', ...env, image, worker]);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const started = Date.now();
  await podman(['stop', '--time', '20', 'stuck']);
  const code = await podman(['inspect', '--format', '{{.State.ExitCode}}', 'stuck']);
  must(
    code === '0',
    `it ended with ${code} after ${Date.now() - started} ms:\n${await podman(['logs', '--tail', '5', 'stuck'])}`,
  );
  return `${Date.now() - started} ms`;
}

async function testcontainers(host) {
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'int',
    '--testPathPatterns',
    'messaging/src/consume/inbox',
  ];
  await run(process.execPath, [...jest, '-w', '1'], {
    cwd: root,
    env: {
      ...process.env,
      TEST_SERVERS: 'containers',
      DOCKER_HOST: host,
      TESTCONTAINERS_RYUK_DISABLED: 'true',
    },
    maxBuffer: 16 * 1024 * 1024,
  });
}
