import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { api } from '../../docker/lane/api.mjs';
import { until } from './client.mjs';

/** As long as a worker that is gone keeps its runs (run-lease.ts). */
const leaseSeconds = 10;
const worker = 'account-sync-worker';
const program = 'apps/account-sync/dist/worker.js';

/**
 * Runs of account-sync, and which pod has them: as the database says.
 * @param {ReturnType<typeof import('./keys.mjs').stackOf>} stack
 */
export function runsOf(stack) {
  const [{ admin }] = Object.values(stack.tokens);
  const accountSync = api(stack.services['account-sync'], admin);
  const connectors = api(stack.services['connector-config'], admin);
  const pool = new Pool({ connectionString: stack.postgres('account_sync'), max: 2 });
  pool.on('error', () => undefined);

  const control = async (method, path, body) => {
    const answer = await fetch(`${stack.simulator.control}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`The simulator did not accept ${path}: ${await answer.text()}`);
    return answer.json();
  };

  const read = (id) => accountSync.get(`/v1/sync-runs/${id}`);

  return {
    control,
    close: () => pool.end(),
    /** Every call to CMP takes longer while this works. */
    async slowly(ms, work) {
      await control('POST', '/faults', { kind: 'slow', ms, times: null });
      try {
        return await work();
      } finally {
        await control('DELETE', '/faults');
      }
    },
    start: (wanted, key = randomUUID()) =>
      accountSync.post('/v1/sync-runs', wanted, { 'idempotency-key': key }),
    read,
    /** Waits for a run's end; returns it whatever its status is. */
    ended: (id, seconds = 240) =>
      until(
        async () => {
          const run = await read(id);
          return !['queued', 'running'].includes(run.status) && run;
        },
        { seconds, everyMs: 500, what: `an end of run ${id}` },
      ),
    async connector() {
      const { data } = await connectors.get('/v1/connectors?limit=1');
      return data[0];
    },
    /** Another one of the same account at CMP, of which nothing was read yet, and which does nothing by itself. */
    async freshConnector(name) {
      const [account] = await control('GET', '/accounts');
      const { username, password, subscriptionKey, accountId, country, currency } = account;
      return connectors.post('/v1/connectors', {
        ...{
          name,
          apiUrl: stack.simulator.apiUrl,
          username,
          password,
          subscriptionKey,
          accountId,
          country,
          currency,
        },
        callLimit: { perMinute: 6_000 },
        schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
      });
    },
    async accounts(count) {
      const { data } = await accountSync.get('/v1/provider-accounts?limit=200');
      if (data.length < count) throw new Error(`There are ${data.length} accounts, not ${count}.`);
      return data.slice(0, count);
    },
    /** The pod that has or had a run, and the token of its lease, which every claim raises. */
    async holder(id) {
      const { rows } = await pool.query(
        'select lease_owner as owner, lease_token::int as token, status, phase, done, attempts from sync_runs where id = $1',
        [id],
      );
      return { ...rows[0], pod: rows[0].owner?.split('/')[0] };
    },
    async waiting() {
      const { rows } = await pool.query(
        `select count(*)::int as count from sync_runs where status in ('queued', 'running')`,
      );
      return rows[0].count;
    },
  };
}

/** So many at once may be more than the service has connections for: it says 503 then, and that the request is to be repeated. */
async function insistently(runs, wanted) {
  const key = randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      return await runs.start(wanted, key);
    } catch (error) {
      if (error.status !== 503 || tries === 5) throw error;
      await sleep(1_000);
    }
  }
}

/** As many runs as this, of one account each, shared by as many workers. */
export async function share({ client, stack, workers, count }) {
  await client.kubectl(['scale', `deployment/${worker}`, `--replicas=${workers}`]);
  const pods = await client.count(worker, workers);
  const runs = runsOf(stack);
  try {
    await until(async () => (await runs.waiting()) === 0, { seconds: 120, what: 'an idle system' });
    const { id: connectorId } = await runs.connector();
    const accounts = await runs.accounts(count);
    return await runs.slowly(400, async () => {
      const started = Date.now();
      const all = await Promise.all(
        accounts.map(({ id }) =>
          insistently(runs, { connectorId, scope: 'subscriptions', providerAccountId: id }),
        ),
      );
      const ends = await Promise.all(
        all.map(({ id }) =>
          until(
            async () => {
              const run = await runs.holder(id);
              return !['queued', 'running'].includes(run.status) && run;
            },
            { seconds: 240, everyMs: 500, what: `an end of run ${id}` },
          ),
        ),
      );
      const seconds = (Date.now() - started) / 1000;
      const bad = ends.filter(({ status, attempts }) => status !== 'succeeded' || attempts !== 1);
      if (new Set(all.map(({ id }) => id)).size !== count)
        throw new Error(`There are only ${new Set(all.map(({ id }) => id)).size} different runs.`);
      if (bad.length > 0)
        throw new Error(`${bad.length} runs did not succeed at once: ${JSON.stringify(bad[0])}`);
      const shares = pods.map(({ name }) => ends.filter(({ pod }) => pod === name).length);
      if (shares.reduce((sum, one) => sum + one, 0) !== count)
        throw new Error(`Runs were with pods that are not workers: ${shares.join('/')} of ${count}.`);
      if (Math.min(...shares) < count / workers / 3) throw new Error(`One has too few: ${shares.join('/')}`);
      return { seconds, shares };
    });
  } finally {
    await runs.close();
  }
}

/**
 * A worker in the middle of a run gets a signal; the run has to go on with another one, from where it was, within so many seconds.
 * @param {{signal: 'SIGKILL' | 'SIGTERM'}} how
 */
export async function interrupt({ client, cluster, stack, signal }) {
  await client.kubectl(['scale', `deployment/${worker}`, '--replicas=2']);
  const pods = await client.count(worker, 2);
  const runs = runsOf(stack);
  try {
    await until(async () => (await runs.waiting()) === 0, { seconds: 120, what: 'an idle system' });
    const { id: connectorId } = await runs.freshConnector(`Lane ${signal}`);
    const first = await runs.start({ connectorId, scope: 'accounts' });
    await runs.ended(first.id);
    return await runs.slowly(250, async () => {
      const { id } = await runs.start({ connectorId, scope: 'subscriptions', depth: 'full' });
      const before = await until(
        async () => {
          const run = await runs.holder(id);
          return run.status === 'running' && run.phase === 'details' && run.done >= 60 && run;
        },
        { seconds: 60, everyMs: 20, what: `a run in the middle of its work (${id})` },
      );
      const pod = pods.find(({ name }) => name === before.pod);
      const sent = Date.now();
      await cluster.signal(pod.uid, program, signal);
      const after = await until(
        async () => {
          const run = await runs.holder(id);
          return run.token > before.token && run;
        },
        { seconds: 60, everyMs: 20, what: `somebody who goes on with run ${id}` },
      );
      const seconds = (Date.now() - sent) / 1000;
      const most = signal === 'SIGKILL' ? leaseSeconds + 2 : 1;
      if (seconds > most) throw new Error(`It went on after ${seconds.toFixed(2)} s, not within ${most} s.`);
      if (after.phase !== before.phase || after.done < before.done)
        throw new Error(
          `It started over: ${before.done} were done, and then ${after.done} of ${after.phase}.`,
        );
      const end = await runs.ended(id);
      if (end.status !== 'succeeded' || !end.complete)
        throw new Error(`The run is ${end.status}: ${JSON.stringify(end.failure)}`);
      await client.count(worker, 2);
      return { seconds, done: before.done };
    });
  } finally {
    await runs.close();
  }
}
