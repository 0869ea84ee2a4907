import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, root } from '@isthmus/testing/servers';
import { parse, stringify } from 'yaml';

const run = promisify(execFile);
const folder = join(root, 'k8s/components/monitoring');

/** Debian's Prometheus, unpacked into .local once; returns the folder of its programs. */
export async function fetchPrometheus() {
  const path = join(root, '.local', 'prometheus');
  const bin = join(path, 'usr/bin');
  if (await stat(join(bin, 'promtool')).catch(() => undefined)) return bin;
  await mkdir(join(root, '.local'), { recursive: true });
  const whole = `${path}.${process.pid}`;
  try {
    await run(join(root, 'tools/cluster/unpack-debian.sh'), [whole, 'bookworm', 'prometheus']);
    // Somebody else may have been faster.
    await rename(whole, path).catch(() => undefined);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
  return bin;
}

/** The alerts of rules.yaml, as Prometheus itself has them. */
export async function readRules() {
  const { spec } = parse(await readFile(join(folder, 'rules.yaml'), 'utf8'));
  return spec;
}

/** What promtool says of the rules, checked and played by rules.test.yaml; rejects with it when something is wrong. */
export async function testRules(change = (spec) => spec) {
  const promtool = join(await fetchPrometheus(), 'promtool');
  const work = await mkdtemp(join(tmpdir(), 'isthmus-rules-'));
  try {
    const rules = change(await readRules());
    const write = (spec) => writeFile(join(work, 'rules.generated.yaml'), stringify(spec));
    await write(rules);
    await run(promtool, ['check', 'rules', 'rules.generated.yaml'], { cwd: work });
    // Which alert fires is played; what it says would be written twice.
    await write({
      groups: rules.groups.map((group) => ({
        ...group,
        rules: group.rules.map(({ annotations: _, ...rule }) => rule),
      })),
    });
    await writeFile(join(work, 'rules.test.yaml'), await readFile(join(folder, 'rules.test.yaml')));
    const { stdout } = await run(promtool, ['test', 'rules', 'rules.test.yaml'], { cwd: work });
    return stdout;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Every expression of the alerts, without what it is compared with, and of the dashboards.
 * @returns {Promise<{from: string, expression: string}[]>}
 */
export async function expressions() {
  const alerts = (await readRules()).groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr }) => ({ from: alert, expression: expr.replace(/ (<|>) [\d.]+$/, '') })),
  );
  const dashboards = await Promise.all(
    ['operations', 'business'].map(async (name) => {
      const { panels } = JSON.parse(await readFile(join(folder, `dashboards/${name}.json`), 'utf8'));
      return panels.flatMap(({ title, targets }) =>
        targets.map(({ expr }) => ({ from: `${name}: ${title}`, expression: expr })),
      );
    }),
  );
  return [...alerts, ...dashboards.flat()];
}

/** What an expression tells apart; a label that no metric has tells nothing apart, without an error. */
const labelsOf = (expression) =>
  [...expression.matchAll(/\bby \(([^)]*)\)/g)]
    .flatMap(([, names]) => names.split(', '))
    .filter((name) => name !== 'le');

/**
 * Lets a Prometheus scrape for a while and asks it everything.
 * @param {{app: string, target: string}[]} targets
 * @returns {Promise<string[]>} the expressions that returned nothing, or an error
 */
export async function withoutData(targets) {
  const work = await mkdtemp(join(tmpdir(), 'isthmus-prometheus-'));
  const port = await freePort();
  const jobs = targets.map(({ app, target }) => ({ targets: [target], labels: { app } }));
  await writeFile(
    join(work, 'prometheus.yml'),
    stringify({
      global: { scrape_interval: '2s', scrape_timeout: '2s' },
      scrape_configs: [{ job_name: 'isthmus', static_configs: jobs }],
    }),
  );
  const options = [`--config.file=${work}/prometheus.yml`, `--storage.tsdb.path=${work}/data`];
  const prometheus = spawn(
    join(await fetchPrometheus(), 'prometheus'),
    [...options, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  try {
    await sleep(20_000);
    const missing = [];
    for (const { from, expression } of await expressions()) {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const { status, error, data } = await (await fetch(url)).json();
      if (status !== 'success') missing.push(`${from}: ${error}`);
      else if (data.result.length === 0) missing.push(`${from}: no data by ${expression}`);
      else
        for (const label of labelsOf(expression))
          if (!data.result.some(({ metric }) => metric[label])) missing.push(`${from}: no label ${label}`);
    }
    return missing;
  } finally {
    prometheus.kill('SIGKILL');
    await new Promise((ended) => prometheus.once('exit', ended));
    await rm(work, { recursive: true, force: true });
  }
}
