import { Injectable, Optional, type BeforeApplicationShutdown } from '@nestjs/common';
import { NatsConnection } from '@isthmus/messaging';
import { Pool } from 'pg';

export interface ReadinessState {
  status: 'up' | 'degraded' | 'down';
  database: 'up' | 'down' | 'none';
  nats: string;
}

const databaseDeadlineMs = 1_000;

/** What the service depends on. Without NATS it is ready, because commands are still accepted and told later. */
@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  #stopping = false;

  constructor(
    @Optional() private readonly pool?: Pool,
    @Optional() private readonly nats?: NatsConnection,
  ) {}

  beforeApplicationShutdown(): void {
    this.#stopping = true;
  }

  async check(): Promise<ReadinessState> {
    const database = await this.database();
    const nats = this.nats?.state ?? 'none';
    const degraded = nats !== 'connected' && nats !== 'none';
    const status = this.#stopping || database === 'down' ? 'down' : degraded ? 'degraded' : 'up';
    return { status, database, nats };
  }

  private async database(): Promise<ReadinessState['database']> {
    if (!this.pool) return 'none';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'down'>(
      (resolve) => (timer = setTimeout(resolve, databaseDeadlineMs, 'down' as const)),
    );
    const answer = this.pool.query('select 1').then(
      () => 'up' as const,
      () => 'down' as const,
    );
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }
}
