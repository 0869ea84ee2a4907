import { randomUUID } from 'node:crypto';
import { emitMany, type Statements } from '@isthmus/messaging';
import { activeStatuses } from './run-lifecycle.ts';
import { noCounts } from './run-report.ts';
import type { RunTeller } from './run-teller.ts';

export interface RunRequest {
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
  /** Narrows the scope; empty for all. */
  target?: string;
  apply?: boolean;
  trigger: 'person' | 'schedule' | 'event';
  requestedBy: string;
}

/** Starts a run in the caller's transaction, or joins the one just like it that is under way. */
export async function startRun(
  client: Statements,
  tell: RunTeller,
  request: RunRequest,
): Promise<{ id: string; joined: boolean }> {
  const { tenantId, connectorId, scope, depth, target = '', apply = true } = request;
  const key = [tenantId, connectorId, scope, depth, target, apply];
  const id = randomUUID();
  const started = await client.query(
    `insert into sync_runs (id, tenant_id, connector_id, scope, depth, target, apply, trigger, requested_by, status, counts,
       enqueued_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, now(), now())
     on conflict (tenant_id, connector_id, scope, depth, target, apply) where status in ('queued', 'running')
     do nothing`,
    [id, ...key, request.trigger, request.requestedBy, JSON.stringify(noCounts())],
  );
  if (started.rowCount) {
    await emitMany(client, [tell.due({ id, tenantId })]);
    return { id, joined: false };
  }
  const open = await client.query<{ id: string }>(
    `select id from sync_runs where tenant_id = $1 and connector_id = $2 and scope = $3 and depth = $4 and target = $5
       and apply = $6 and status = any($7)`,
    [...key, activeStatuses],
  );
  // The open one may have finished between the two statements: then ours is wanted after all.
  return open.rows[0] ? { id: open.rows[0].id, joined: true } : startRun(client, tell, request);
}
