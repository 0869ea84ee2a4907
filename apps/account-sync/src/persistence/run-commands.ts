import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { approveRun, cancelRun, inTransaction, startRun, type RunRequest } from '@isthmus/sync-engine';
import { clientOf } from '@isthmus/service-kit';
import { Pool } from 'pg';
import { syncRunMessages } from '../sync-run-messages.ts';

/** What people do to runs. */
@Injectable()
export class RunCommands {
  constructor(private readonly pool: Pool) {}

  /** In the transaction of `em`; joins the open run that is just like it. */
  start(em: EntityManager, request: RunRequest): Promise<{ id: string; joined: boolean }> {
    return startRun(clientOf(em), syncRunMessages, request);
  }

  /** @throws RunNotFound, RunActionRefused */
  cancel(tenantId: string, runId: string): Promise<void> {
    return inTransaction(this.pool, (client) => cancelRun(client, syncRunMessages, tenantId, runId));
  }

  /** @throws RunNotFound, RunActionRefused */
  approve(tenantId: string, runId: string, by: string): Promise<void> {
    return approveRun(this.pool, syncRunMessages, tenantId, runId, by);
  }
}
