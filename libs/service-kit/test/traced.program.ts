import 'reflect-metadata';
import { defaultTenant } from '@isthmus/testing';
import { Controller, Get, Module } from '@nestjs/common';
import { MikroORM } from '@mikro-orm/postgresql';
import { Pool } from 'pg';
import { request } from 'undici';
import { Allow } from '../src/auth/access.ts';
import { currentCorrelationId } from '../src/telemetry/correlation.ts';
import { runNotes } from './notes.fixture.ts';

// A service with a route that makes statements and a request, as a process: it prints where it listens and two tokens.

@Controller('v1/traced')
class TracedController {
  constructor(
    private readonly pool: Pool,
    private readonly orm: MikroORM,
  ) {}

  @Allow('viewer')
  @Get(':id')
  async traced(): Promise<object> {
    await this.pool.query("select 'hunter2' = $1", ['hunter2-value']);
    await this.orm.em.fork().execute('select 2');
    await this.orm.em.fork().execute('select ? as word', ['hunter2']);
    const answer = await request(`${process.env.UPSTREAM}/upstream/hunter2hunter2hunter2?secret=hunter2`);
    await answer.body.dump();
    return { correlationId: currentCorrelationId() };
  }
}

@Module({ controllers: [TracedController] })
class TracedModule {}

const notes = await runNotes({ module: TracedModule });
process.once('SIGTERM', () => void notes.close());
const token = await notes.issuer.token({ tenant: defaultTenant });
const tokenWithoutRole = await notes.issuer.token({ tenant: defaultTenant, roles: [] });
process.stdout.write(`${JSON.stringify({ url: notes.url, token, tokenWithoutRole })}\n`);
