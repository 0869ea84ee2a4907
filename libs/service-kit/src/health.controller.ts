import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JetStreamHealth, NatsConnection } from '@isthmus/messaging';
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
import { IfGiven } from './http/validation.ts';
import { ApiDocument, documentFile } from './openapi/document.controller.ts';
import { Describe } from './openapi/describe.ts';

class LivenessState {
  @IsIn(['up']) status!: 'up';
}

class ReadinessState {
  @IsIn(['up', 'degraded', 'down']) status!: 'up' | 'degraded' | 'down';
  /** `behind`: the migrations of this release have not run yet. */
  @IsIn(['up', 'behind', 'down', 'none']) database!: 'up' | 'behind' | 'down' | 'none';
  /** Of the connection; `without-jetstream` when the server is there but delivers no events. */
  @IsString() nats!: string;
  /** What is wrong, and what to do. */
  @IfGiven() @IsString() problem?: string;
}

const databaseDeadlineMs = 1_000;

/** The migrations of this build, by name; a database that has them, and maybe later ones, is one this build can use. */
export class NeededMigrations {
  constructor(readonly names: readonly string[]) {}
}

/**
 * State of what the service depends on. Without NATS it is ready: commands are still accepted, and published later. Until the
 * database has this release's tables it is not, whatever else answers.
 */
@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  #stopping = false;
  #migrated = false;

  constructor(
    @Optional() private readonly pool?: Pool,
    @Optional() private readonly nats?: NatsConnection,
    @Optional() private readonly needed?: NeededMigrations,
    @Optional() private readonly jetStream?: JetStreamHealth,
  ) {}

  /** From now on it is not ready, whatever the rest is. */
  stopping(): void {
    this.#stopping = true;
  }

  beforeApplicationShutdown(): void {
    this.stopping();
  }

  async check(): Promise<ReadinessState> {
    const [database, problem] = await Promise.all([this.database(), this.jetStream?.problem()]);
    const nats = problem ? 'without-jetstream' : (this.nats?.state ?? 'none');
    const degraded = nats !== 'connected' && nats !== 'none';
    const unusable = database === 'down' || database === 'behind';
    const status = this.#stopping || unusable ? 'down' : degraded ? 'degraded' : 'up';
    return { status, database, nats, ...(problem && { problem }) };
  }

  private async database(): Promise<ReadinessState['database']> {
    if (!this.pool) return 'none';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'down'>(
      (resolve) => (timer = setTimeout(resolve, databaseDeadlineMs, 'down' as const)),
    );
    const answer = this.ask(this.pool).catch(() => 'down' as const);
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  private async ask(pool: Pool): Promise<'up' | 'behind'> {
    if (this.#migrated || !this.needed) {
      await pool.query('select 1');
      return 'up';
    }
    const { rows } = await pool.query<{ made: boolean }>(
      `select to_regclass('mikro_orm_migrations') is not null as made`,
    );
    if (!rows[0]?.made) return 'behind';
    const { names } = this.needed;
    const { rowCount } = await pool.query(
      'select distinct name from mikro_orm_migrations where name = any($1)',
      [names],
    );
    this.#migrated = rowCount === names.length;
    return this.#migrated ? 'up' : 'behind';
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

/** Serves the metrics, and the API document where that is set, on a separate port, which only internal clients can reach. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #server: Server;

  constructor(
    @Inject(PrometheusExporter) exporter: PrometheusExporter,
    @Inject(ServiceEnv) private readonly env: ServiceEnv,
    @Inject(ApiDocument) document: ApiDocument,
  ) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
      if (path === '/metrics') return exporter.getMetricsRequestHandler(request, response);
      const file =
        env.API_DOCS === 'metrics-port' ? documentFile(document, path) : Promise.resolve(undefined);
      file.then(
        (found) =>
          found
            ? response.writeHead(200, { 'content-type': found.type, ...found.headers }).end(found.body)
            : response.writeHead(404).end(),
        () => response.writeHead(500).end(),
      );
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
