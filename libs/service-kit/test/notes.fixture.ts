import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@isthmus/domain';
import { messagingTablesSql } from '@isthmus/messaging';
import { defaultTenant, runService, send, startPlatform, type TestIssuer } from '@isthmus/testing';
import { defineEntity, p } from '@mikro-orm/core';
import { Migration } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Module, Patch, Post, Query, Res } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import type { FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { Allow, CurrentUser, Principal, Produces } from '../src/auth/access.ts';
import { type Environment, ServiceEnv } from '../src/config.ts';
import { sharedPolicySql, tenantPolicySql } from '../src/database/tenant-policies.ts';
import { transaction } from '../src/database/transactions.ts';
import { ApiResponse, etag, IfMatch, requireVersion, withEtag } from '../src/http/api-response.ts';
import { decodeCursor, type Page, toPage, PageQuery } from '../src/http/paging.ts';
import { notFound } from '../src/http/problem.ts';
import { type ServerSentEvent, sse } from '../src/http/sse.ts';
import { UuidParam } from '../src/http/validation.ts';
import { IdempotencyKey, idempotencySql, idempotent } from '../src/idempotency/idempotent.ts';
import { Idempotency, type IdempotentRequest } from '../src/idempotency/idempotent-request.ts';
import { Describe } from '../src/openapi/describe.ts';
import type { ServiceOptions } from '../src/service-options.ts';
import type { RunningService } from '../src/service.ts';

const schema = defineEntity({
  name: 'Note',
  tableName: 'notes',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    text: p.text(),
    version: p.integer().version(),
  },
});

/** The test service's only entity. */
export class Note extends schema.class {}
schema.setClass(Note);

export class MakeNotes extends Migration {
  override up(): void {
    this.addSql(
      'create table "notes" ("id" uuid primary key, "tenant_id" uuid not null, "text" text not null, "version" int not null default 1)',
    );
    const policies = [...sharedPolicySql, ...tenantPolicySql('notes', 'idempotency_keys')];
    for (const sql of [...idempotencySql, ...messagingTablesSql, ...policies]) this.addSql(sql);
  }
}

export class LabelInput {
  @IsString() @Length(1, 20) name!: string;
  @IsBoolean() bold: boolean = false;
}

export class NoteInput {
  @IsString() @Length(1, 200) text!: string;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => LabelInput)
  labels?: LabelInput[];
  @IsOptional() @ValidateNested() @Type(() => LabelInput) main?: LabelInput;
  @IsIn(['low', 'high']) priority: string = 'low';
}

export class NoteView {
  @IsUUID() id!: string;
  @IsString() text!: string;
  @IsInt() @Min(1) version!: number;
}

export class NoteQuery extends PageQuery {
  @IsOptional() @IsIn(['new', 'old']) order?: 'new' | 'old';
}

export class NoteLocked extends DomainError {
  static override readonly code = 'note.locked';
  constructor(note: string) {
    super(`${note} is locked.`, { fields: ['text'] });
  }
}

/** Number of streams currently being read. */
export const readers = { count: 0 };

/** An endless stream. */
export async function* ticks(): AsyncGenerator<ServerSentEvent> {
  readers.count += 1;
  try {
    for (let n = 1; ; n += 1) {
      yield { event: 'tick', id: String(n), data: { n } };
      await sleep(20);
    }
  } finally {
    readers.count -= 1;
  }
}

@Allow('viewer')
@Controller('v1/notes')
export class NotesController {
  constructor(private readonly orm: MikroORM) {}

  @Allow('operator')
  @Describe('Writes a note.', { returns: NoteView, status: 202 })
  @Post()
  @HttpCode(202)
  create(
    @CurrentUser() user: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: NoteInput,
  ): Promise<ApiResponse> {
    return idempotent(this.orm.em, request, async (em) => {
      if (body.text === 'locked') throw new NoteLocked('the note');
      const note = em.create(Note, {
        id: randomUUID(),
        tenantId: user.tenantId,
        text: body.text,
        version: 1,
      });
      return ApiResponse.accepted(`/v1/notes/${note.id}`, { id: note.id, text: note.text });
    });
  }

  @Allow('operator')
  @Describe('Copies a note.', { returns: NoteView, status: 202 })
  @Post(':id/copies')
  @HttpCode(202)
  copy(@UuidParam() id: string, @Idempotency() request: IdempotentRequest): Promise<ApiResponse> {
    return idempotent(this.orm.em, request, async (em) => {
      const note = await em.findOne(Note, { id, tenantId: request.tenantId });
      if (!note) throw notFound('note', id);
      const copied = { tenantId: note.tenantId, text: note.text, version: 1 };
      const copy = em.create(Note, { id: randomUUID(), ...copied });
      return ApiResponse.accepted(`/v1/notes/${copy.id}`, { id: copy.id, text: copy.text });
    });
  }

  @Describe('Lists notes.', { returns: NoteView, list: 'page' })
  @Get()
  async list(@CurrentUser() user: Principal, @Query() query: NoteQuery): Promise<Page<NoteView>> {
    const after = decodeCursor(query.cursor, ['uuid']);
    const rows = await this.orm.em
      .fork()
      .find(
        Note,
        { tenantId: user.tenantId, ...(after ? { id: { $gt: String(after[0]) } } : {}) },
        { orderBy: { id: 'asc' }, limit: query.limit + 1 },
      );
    return toPage(rows, query.limit, (note) => [note.id], toView);
  }

  @Get('ticks')
  @Produces('text/event-stream')
  stream(@Res() reply: FastifyReply): Promise<void> {
    return sse(reply, ticks(), { heartbeatMs: 50 });
  }

  @Get('broken')
  broken(): never {
    throw new Error('connection string of the inside, postgres://db');
  }

  @Describe('One note.', { returns: NoteView })
  @Get(':id')
  async get(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<ApiResponse<NoteView>> {
    const note = await this.orm.em.fork().findOne(Note, { id, tenantId: user.tenantId });
    if (!note) throw notFound('note', id);
    return withEtag(toView(note), note.version);
  }

  @Allow('operator')
  @Patch(':id')
  change(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: NoteInput,
  ): Promise<ApiResponse> {
    return transaction(this.orm, async (em) => {
      const note = await em.findOne(Note, { id, tenantId: user.tenantId });
      if (!note) throw notFound('note', id);
      requireVersion(version, note.version);
      note.text = body.text;
      await em.flush();
      return ApiResponse.ok(toView(note), { etag: etag(note.version) });
    });
  }
}

function toView({ id, text, version }: Note): NoteView {
  return { id, text, version };
}

@Module({ controllers: [NotesController] })
export class NotesModule {}

/** A small real service for the kit's own tests. */
export const notesService: ServiceOptions = {
  service: 'notes',
  module: NotesModule,
  config: ServiceEnv,
  database: { entities: [Note, IdempotencyKey], migrations: [MakeNotes] },
  problems: { [NoteLocked.code]: 409 },
};

export interface RunningNotes {
  service: RunningService;
  /** Connected as the superuser, who sees every tenant's rows. */
  pool: Pool;
  issuer: TestIssuer;
  url: string;
  /** Everything logged so far. */
  log: () => string;
  call(
    method: string,
    path: string,
    more?: { token?: string | null; body?: unknown; headers?: Record<string, string> },
  ): Promise<Called>;
  close(): Promise<void>;
}

export interface Called {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { errors?: { field: string; message: string }[] };
}

/**
 * The test service on a free port with a separate database.
 * @param postgres the server of its database, for specs that stop it
 */
export async function runNotes(
  options: Partial<ServiceOptions> = {},
  env: Environment = {},
  postgres?: string,
): Promise<RunningNotes> {
  const platform = await startPlatform({ nats: process.env.TEST_NATS_URL });
  const notes = await runService(
    { ...notesService, ...options },
    { platform, postgres, env: { LOG_LEVEL: 'debug', ...env }, tenantId: defaultTenant },
  ).catch(async (error: unknown) => {
    await platform.stop();
    throw error;
  });
  const admin = await notes.token();
  return {
    service: notes.service,
    pool: notes.pool,
    issuer: platform.issuer,
    url: notes.url,
    log: () => notes.log(),
    call: async (method, path, { token = admin, body, headers } = {}) => {
      const bearer: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const { text, ...reply } = await send(method, notes.url + path, body, { ...bearer, ...headers });
      return { ...reply, body: text.startsWith('{') ? JSON.parse(text) : { text } };
    },
    close: async () => {
      await notes.stop();
      await platform.stop();
    },
  };
}
