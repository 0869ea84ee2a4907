import type { Control } from '@isthmus/cmp-simulator';
import type { Pool } from 'pg';
import type { Finding } from './measuring.ts';
import { endAll } from './stack/processes.ts';
import { startSyncStack } from './stack/sync-stack.ts';
import { startWorker } from './stack/sync-worker.ts';

const cases = [
  { subscriptions: 700, changes: 0 },
  { subscriptions: 700, changes: 20 },
  { subscriptions: 10_000, changes: 0 },
  { subscriptions: 10_000, changes: 100 },
  { subscriptions: 40_000, changes: 1 },
  { subscriptions: 40_000, changes: 200 },
];

/** P7: how many calls to CMP it takes to notice changes, by a tick and a sweep over a complete mirror; according to CMP's own log. */
export async function measure(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const one of cases) findings.push(await callsFor(one));
  return findings;
}

async function callsFor({ subscriptions, changes }: (typeof cases)[number]): Promise<Finding> {
  const stack = await startSyncStack({
    customers: Math.ceil(subscriptions / 20),
    subscriptions,
    cachePages: false,
    now: new Date().toISOString(),
  });
  try {
    const env = { ORDER_HISTORY_DAYS: '30' };
    const first = await startWorker(stack, { env });
    await first.sync();
    await first.pool.query('update provider_subscriptions set detail_wanted_at = null');
    const expected = await change(stack.control, first.pool, changes);
    await first.stop();

    const worker = await startWorker(stack, {
      databaseUrl: first.databaseUrl,
      env: { ...env, DETAILS_MAX_MINUTES: '10' },
    });
    try {
      await stack.control.clearRequests();
      await worker.sync();
      const calls = (await stack.control.requests()).length;
      const noticed = await countNoticed(worker.pool, expected);
      const allowed = Math.floor(Math.ceil(subscriptions / 500) * 1.05 + changes + 5);
      return {
        id: 'P7',
        what: `calls for ${changes} changes among ${subscriptions} subscriptions; changes noticed`,
        figure: `${calls}; ${noticed}`,
        must: `≤ ${allowed}; ${changes}`,
        aim: '',
        passed: calls <= allowed && noticed === changes,
      };
    } finally {
      await worker.stop();
    }
  } finally {
    await endAll();
  }
}

interface Change {
  cmpId: string;
  name: string;
  quantity?: number;
}

/** Alternately, seats that an order changes and a change in the portal that leaves no order. */
async function change(control: Control, pool: Pool, count: number): Promise<Change[]> {
  const { rows } = await pool.query<Change>(
    `select cmp_id as "cmpId", name from provider_subscriptions where status = 'active' order by md5(cmp_id) limit $1`,
    [count],
  );
  const rename = async ({ cmpId, name }: Change): Promise<Change> => {
    await control.patchSubscription(cmpId, { name: `${name} (renamed)` });
    return { cmpId, name: `${name} (renamed)` };
  };
  const reseat = async ({ cmpId, name }: Change): Promise<Change> => {
    await control.patchSubscription(cmpId, { quantity: 1_000 });
    return { cmpId, name, quantity: 1_000 };
  };
  return Promise.all(
    // Some plans have no product and therefore no seats.
    rows.map((row, index) => (index % 2 ? rename(row) : reseat(row).catch(() => rename(row)))),
  );
}

async function countNoticed(pool: Pool, changes: readonly Change[]): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from json_to_recordset($1) as c("cmpId" text, name text, quantity int)
     join provider_subscriptions s on s.cmp_id = c."cmpId" and s.name = c.name and (c.quantity is null or s.lines::jsonb @> jsonb_build_array(jsonb_build_object('quantity', c.quantity)))`,
    [JSON.stringify(changes)],
  );
  return rows[0]!.n;
}
