import { Allow, AuditEntryView, AuditQuery, Describe, IfGiven, type Page } from '@isthmus/service-kit';
import { Controller, Get, Query, Req } from '@nestjs/common';
import { IsIn } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { merged, services, type ServiceName } from '../proxy/generated/routes.ts';
import { MergedLists } from './merged-list.service.ts';

class MergedAuditQuery extends AuditQuery {
  /** The log of one service only. */
  @IfGiven() @IsIn(services) service?: ServiceName;
}

class MergedAuditEntryView extends AuditEntryView {
  /** The service whose log it is in; `sequence` counts there. */
  @IsIn(services) service!: ServiceName;
}

const logs = {
  path: '/v1/audit',
  sources: merged.audit!,
  timeOf: ({ time }: AuditEntryView) => time,
  keyOf: ({ sequence }: AuditEntryView) => [sequence],
};

/** The audit logs of all services as one. Each remains a chain of its own, to be verified in its service. */
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly lists: MergedLists) {}

  @Get()
  @Allow('admin')
  @Describe(
    'The audit logs of all services, newest first. An entry appears about a second after its command.',
    {
      returns: MergedAuditEntryView,
      list: 'page',
    },
  )
  list(
    @Query() { service, cursor, limit, ...filters }: MergedAuditQuery,
    @Req() request: FastifyRequest,
  ): Promise<Page<MergedAuditEntryView>> {
    return this.lists.read<AuditEntryView>(logs, { service, cursor, limit, filters }, request);
  }
}
