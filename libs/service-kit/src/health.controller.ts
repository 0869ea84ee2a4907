import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NatsConnection } from '@isthmus/messaging';
import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
  Res,
} from '@nestjs/common';
import { IsIn, IsString } from 'class-validator';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import { Open, Produces } from './auth/access.ts';
import { ServiceEnv } from './config.ts';
import { ApiResponse } from './http/api-response.ts';
import { Describe } from './openapi/describe.ts';

class LivenessState {
  @IsIn(['up']) status!: 'up';
}

class ReadinessState {
  @IsIn(['up', 'degraded', 'down']) status!: 'up' | 'degraded' | 'down';
  @IsIn(['up', 'down', 'none']) database!: 'up' | 'down' | 'none';
  @IsString() nats!: string;
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

  @Open()
  @Describe('The process runs and its event loop turns.', { returns: LivenessState })
  @Get('live')
  live(): LivenessState {
    return { status: 'up' };
  }

  @Open()
  @Describe('Whether traffic may come: 200 `up` or `degraded`, 503 `down`.', {
    returns: ReadinessState,
    also: { 503: ReadinessState },
  })
  @Get('ready')
  async ready(): Promise<ApiResponse> {
    const state = await this.readiness.check();
    return new ApiResponse(
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

/** Serves the metrics on a separate port, which only metrics collectors can reach. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #server: Server;

  constructor(
    @Inject(PrometheusExporter) exporter: PrometheusExporter,
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
  ) {
    this.#server = createServer((request, response) => {
      if (request.method === 'GET' && request.url === '/metrics')
        return exporter.getMetricsRequestHandler(request, response);
      response.writeHead(404).end();
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#server.listen(this.env.METRICS_PORT, this.env.HOST);
    await once(this.#server, 'listening');
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}
