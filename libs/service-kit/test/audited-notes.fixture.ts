import { randomUUID } from 'node:crypto';
import { messagingTablesSql } from '@isthmus/messaging';
import { runService } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Body, Controller, Delete, Module, Post, Put } from '@nestjs/common';
import { IsBoolean, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { Pool } from 'pg';
import {
  auditActorsSql,
  auditSql,
  auditTables,
  auditWitnessSql,
  WitnessedAuditHead,
} from '../src/audit/audit.entity.ts';
import { audit, auditEffect } from '../src/audit/audit.store.ts';
import { Allow, Audited, CurrentUser, NotAudited, Principal } from '../src/auth/access.ts';
import { ServiceEnv } from '../src/config.ts';
import { sharedPolicySql, tenantPolicySql } from '../src/database/tenant-policies.ts';
import { TenantStore } from '../src/database/tenant-store.ts';
import { ApiResponse } from '../src/http/api-response.ts';
import { notFound } from '../src/http/problem.ts';
import { UuidParam } from '../src/http/validation.ts';
import { IdempotencyKey, idempotencySql, idempotentStatement } from '../src/idempotency/idempotent.ts';
import { Idempotency, type IdempotentRequest } from '../src/idempotency/idempotent-request.ts';
import type { ServiceOptions } from '../src/service-options.ts';
import { Note } from './notes.fixture.ts';

class MakeAuditedNotes extends Migration {
  override up(): void {
    this.addSql(
      'create table "notes" ("id" uuid primary key, "tenant_id" uuid not null, "text" text not null, "version" int not null default 1)',
    );
    const policies = [...sharedPolicySql, ...tenantPolicySql('notes', 'idempotency_keys')];
    const tables = [
      ...idempotencySql,
      ...messagingTablesSql,
      ...policies,
      ...auditSql,
      auditActorsSql,
      ...auditWitnessSql,
    ];
    for (const sql of tables) this.addSql(sql);
  }
}

class WriteNote {
  @IsString() @Length(1, 2_000) text!: string;
  @IsOptional() @IsString() password?: string;
  @IsOptional() @IsString() reason?: string;
  /** Fails after the entry was written. */
  @IsOptional() @IsBoolean() fail?: boolean;
  @IsOptional() @IsIn(['note.write', 'note.misname']) action?: string;
}

@Allow('operator')
@Controller('v1/notes')
class AuditedNotesController {
  constructor(
    private readonly store: TenantStore,
    private readonly pool: Pool,
  ) {}

  @Put(':id')
  @Audited('note.write')
  async write(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Body() { text, password, reason, fail = false, action = 'note.write' }: WriteNote,
  ): Promise<object> {
    return this.store.change(tenantId, async (em) => {
      const note = await em.findOne(Note, { id });
      const before = note && { text: note.text };
      if (note) note.text = text;
      else em.create(Note, { id, tenantId, text, version: 1 });
      const after = { text, ...(password && { password }) };
      await audit(em, { tenantId, action, thing: ['note', id], before, after, reason });
      if (fail) throw notFound('note', 'of this name');
      return { id };
    });
  }

  /** Its effect is one statement. */
  @Post()
  @Audited('note.place')
  place(
    @CurrentUser() { tenantId }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() { text }: WriteNote,
  ): Promise<ApiResponse> {
    const id = randomUUID();
    const entry = { tenantId, action: 'note.place', thing: ['note', id] as const, after: { text } };
    return idempotentStatement(
      this.pool,
      request,
      ApiResponse.accepted(`/v1/notes/${id}`, { id }),
      (p) => `
      placed as (insert into notes (id, tenant_id, text) select ${p(id)}::uuid, ${p(tenantId)}::uuid, ${p(text)} from fresh returning id),
      ${auditEffect(entry, 'placed', p)}`,
    );
  }

  @Delete(':id')
  @Audited('note.remove')
  async remove(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<object> {
    return this.store.change(tenantId, async (em) => {
      const note = await em.findOneOrFail(Note, { id });
      em.remove(note);
      await audit(em, { tenantId, action: 'note.remove', thing: ['note', id], before: { text: note.text } });
      return {};
    });
  }

  @Post('preview')
  @NotAudited('It writes nothing.')
  preview(): object {
    return {};
  }
}

@Module({ controllers: [AuditedNotesController], providers: [TenantStore] })
class AuditedNotesModule {}

/** A service with an audit log that also stores the heads of its own log, as another service would. */
export const auditedNotes: ServiceOptions = {
  service: 'webhooks',
  module: AuditedNotesModule,
  config: ServiceEnv,
  database: {
    entities: [Note, IdempotencyKey, ...auditTables, WitnessedAuditHead],
    migrations: [MakeAuditedNotes],
  },
};

export const runAuditedNotes = () => runService(auditedNotes);
