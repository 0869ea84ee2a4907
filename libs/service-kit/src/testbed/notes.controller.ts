import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { MikroORM } from '@mikro-orm/postgresql';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../auth/current-user.ts';
import { Principal } from '../auth/principal.ts';
import { Allow, Produces } from '../auth/route-access.ts';
import { transaction } from '../database/transaction.ts';
import { Answer } from '../http/answer.ts';
import { etag, IfMatch, requireVersion, tagged } from '../http/etag.ts';
import { decodeCursor, pageOf, type Page } from '../http/paging.ts';
import { notFound } from '../http/problem.ts';
import { sse } from '../http/sse.ts';
import { UuidParam } from '../http/uuid-param.ts';
import { Idempotency } from '../idempotency/idempotency.decorator.ts';
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import { Describe } from '../openapi/describe.ts';
import { NoteInput, NoteQuery, NoteView } from './note.dto.ts';
import { Note } from './note.entity.ts';
import { NoteLocked } from './note.errors.ts';
import { ticks } from './ticks.ts';

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
  ): Promise<Answer> {
    return idempotent(this.orm.em, request, async (em) => {
      if (body.text === 'locked') throw new NoteLocked('the note');
      const note = em.create(Note, {
        id: randomUUID(),
        tenantId: user.tenantId,
        text: body.text,
        version: 1,
      });
      return Answer.accepted(`/v1/notes/${note.id}`, { id: note.id, text: note.text });
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
    return pageOf(rows, query.limit, (note) => [note.id], viewOf);
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
  async get(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<Answer<NoteView>> {
    const note = await this.orm.em.fork().findOne(Note, { id, tenantId: user.tenantId });
    if (!note) throw notFound('note', id);
    return tagged(viewOf(note), note.version);
  }

  @Allow('operator')
  @Patch(':id')
  change(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: NoteInput,
  ): Promise<Answer> {
    return transaction(this.orm, async (em) => {
      const note = await em.findOne(Note, { id, tenantId: user.tenantId });
      if (!note) throw notFound('note', id);
      requireVersion(version, note.version);
      note.text = body.text;
      await em.flush();
      return Answer.ok(viewOf(note), { etag: etag(note.version) });
    });
  }
}

function viewOf({ id, text, version }: Note): NoteView {
  return { id, text, version };
}
