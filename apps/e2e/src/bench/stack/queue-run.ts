import { randomUUID } from 'node:crypto';
import { contractOf, SyncRunDue } from '@isthmus/contracts';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { tenantId } from './sync-stack.ts';

/** Puts a run's work item into the queue, as the relay does. */
export async function queueRun(natsUrl: string, runId: string): Promise<void> {
  const core = await connect({ servers: natsUrl });
  const attributes = {
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': '/isthmus/account-sync',
    'ce-type': contractOf(SyncRunDue).subject,
    'ce-time': new Date().toISOString(),
    'ce-subject': runId,
    'ce-tenantid': tenantId,
    'ce-correlationid': runId,
    'ce-aggregateversion': '1',
  };
  const head = headers();
  for (const [name, value] of Object.entries(attributes)) head.set(name, value);
  await jetstream(core).publish(attributes['ce-type'], JSON.stringify({ tenantId, runId }), {
    headers: head,
  });
  await core.close();
}
