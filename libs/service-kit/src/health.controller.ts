import { NatsConnection } from '@isthmus/messaging';
import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Inject,
  Injectable,
  Optional,
  Res,
} from '@nestjs/common';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import { Open, Produces } from './auth/access.ts';
import { Answer } from './http/answer.ts';

interface ReadinessState {
  status: 'up' | 'degraded' | 'down';
  database: 'up' | 'down' | 'none';
  nats: string;
}

const databaseDeadlineMs = 1_000;

/** State of what the service depends on. Without NATS it is ready: commands are still accepted, and published later. */
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

/** Read by the platform; reveals nothing that needs protection. */
@Controller('healthz')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  /** The process runs and its event loop turns. */
  @Open()
  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /** Whether traffic may come: 200 `up` or `degraded`, 503 `down`. */
  @Open()
  @Get('ready')
  async ready(): Promise<Answer> {
    const state = await this.readiness.check();
    return new Answer(
      state.status === 'down' ? 503 : 200,
      state,
      state.status === 'down' ? { 'retry-after': '2' } : {},
    );
  }
}

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(PrometheusExporter) private readonly exporter: PrometheusExporter) {}

  /** All metrics of the process in Prometheus' text format. */
  @Open()
  @Produces('text/plain')
  @Get()
  read(@Res() reply: FastifyReply): void {
    reply.hijack();
    this.exporter.getMetricsRequestHandler(reply.request.raw, reply.raw);
  }
}
