import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchKubectl } from '../kubectl.mjs';

export const namespace = 'isthmus';

/** What people do with kubectl, with the same kubectl. */
export async function clientOf({ kubeconfig, alive }) {
  const program = await fetchKubectl();

  /** @returns {Promise<string>} what it says */
  const kubectl = (args, input) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const said = { out: '', err: '' };
      child.stdout.on('data', (chunk) => (said.out += chunk));
      child.stderr.on('data', (chunk) => (said.err += chunk));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0
          ? resolve(said.out.trim())
          : reject(new Error(`kubectl ${args.join(' ')} ended with ${code}: ${said.err.slice(-2_000)}`)),
      );
    });
  const json = async (...args) => JSON.parse(await kubectl([...args, '--output', 'json']));

  async function apply(objects) {
    const text = objects.map((one) => JSON.stringify(one)).join('\n---\n');
    // An API server of 1.20 cannot check what this kubectl would ask it to.
    return kubectl(['apply', '--validate=false', '--filename', '-'], text);
  }

  /** The pods of a program, or of all, that are not on their way out. */
  async function pods(app) {
    const { items } = await json('get', 'pods', ...(app ? ['--selector', `app=${app}`] : []));
    return items
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata, spec, status }) => ({
        name: metadata.name,
        app: metadata.labels.app,
        uid: metadata.uid,
        image: spec.containers[0].image,
        ready: (status.containerStatuses ?? []).every(({ ready }) => ready) && status.phase === 'Running',
        restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
      }));
  }

  const deployments = async () =>
    (await json('get', 'deployments')).items.map(({ metadata }) => metadata.name);

  /** Waits until every pod of these, or of everything, is of the newest revision and ready. */
  async function ready(names, seconds = 240) {
    const all = names ?? [
      ...['postgres', 'nats'].map((name) => `statefulset/${name}`),
      ...(await deployments()).map((name) => `deployment/${name}`),
    ];
    for (const name of all)
      await kubectl([
        'rollout',
        'status',
        name.includes('/') ? name : `deployment/${name}`,
        `--timeout=${seconds}s`,
      ]);
  }

  /** Waits until as many pods of a program are there and ready. */
  async function count(app, wanted, seconds = 120) {
    await until(
      async () => {
        const { items } = await json('get', 'pods', '--selector', `app=${app}`);
        const found = await pods(app);
        return items.length === wanted && found.length === wanted && found.every((pod) => pod.ready);
      },
      { seconds, everyMs: 500, what: `${wanted} ready pod(s) of ${app}` },
    );
    return pods(app);
  }

  /**
   * Waits until every pod has been ready for a while: after a server was away, the probes of what uses it notice late.
   * @returns {Promise<number>} when they became ready
   */
  async function calm(seconds = 180, whileMs = 8_000) {
    let since = Infinity;
    await until(
      async () => {
        const all = await pods();
        if (!all.every((pod) => pod.ready)) since = Infinity;
        else since = Math.min(since, Date.now());
        return Date.now() - since > whileMs;
      },
      { seconds, everyMs: 500, what: 'calm' },
    );
    return since;
  }

  /** What helps when something is not ready. */
  async function troubles() {
    if (!alive()) return 'The node has ended.';
    const lines = [await kubectl(['get', 'pods', '--output', 'wide'])];
    const { items } = await json('get', 'pods');
    for (const { metadata, status } of items) {
      const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
      for (const { name, ready: isReady, state, restartCount } of all) {
        if ((isReady || state.terminated?.exitCode === 0) && restartCount === 0) continue;
        lines.push(`--- ${metadata.name}/${name}: ${JSON.stringify(state)}`);
        lines.push(
          await kubectl(['logs', metadata.name, '-c', name, '--tail', '12']).catch((error) => error.message),
        );
        if (restartCount > 0)
          lines.push(
            await kubectl(['logs', metadata.name, '-c', name, '--previous', '--tail', '12']).catch(() => ''),
          );
      }
    }
    const events = await kubectl(['get', 'events', '--sort-by=.lastTimestamp']);
    return [...lines, ...events.split('\n').slice(-25)].join('\n');
  }

  return { kubectl, json, apply, pods, deployments, ready, count, calm, troubles };
}

/** Waits until something is so; its last error, or what it was, is in the error when it never is. */
export async function until(test, { seconds = 60, everyMs = 100, what = 'it' } = {}) {
  const deadline = Date.now() + seconds * 1000;
  let reason = '';
  for (;;) {
    try {
      const found = await test();
      if (found) return found;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    if (Date.now() > deadline) throw new Error(`Within ${seconds} s there was not ${what}${reason}`);
    await sleep(everyMs);
  }
}
