import {
  Allow,
  Answer,
  CurrentUser,
  Describe,
  etag,
  invalidInput,
  type Page,
  pageOf,
  Principal,
  readIfMatch,
  staleVersion,
  tagged,
  TenantStore,
} from '@isthmus/service-kit';
import {
  Body,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Headers,
  Put,
  Query,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { cursorKey } from '../list-query.ts';
import {
  PutTenantAccount,
  showTenantAccount,
  TenantAccountQuery,
  TenantAccountView,
} from './tenant-accounts.dto.ts';
import { listTenantAccounts, putTenantAccount, readTenantAccount } from './tenant-accounts.store.ts';

/** Parameter decorator: Work 365's id of an account from the path; 400 when it cannot be one. */
export const TenantAccountId: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { id } = context.switchToHttp().getRequest<FastifyRequest>().params as { id?: unknown };
    if (typeof id === 'string' && /^[\w.:@{}-]{1,64}$/.test(id)) return id;
    throw invalidInput([
      { field: 'id', message: 'id must be 1 to 64 letters, digits or any of . : @ { } _ -' },
    ]);
  },
);

/** Work 365's accounts, as far as linking and contracts need them. */
@Controller('v1/tenant-accounts')
export class TenantAccountsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('The tenant accounts, by name.', { returns: TenantAccountView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: TenantAccountQuery,
  ): Promise<Page<TenantAccountView>> {
    const after = cursorKey(query.cursor, 'text', 'text');
    const rows = await listTenantAccounts(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(rows, query.limit, ({ name, id }) => [name, id], showTenantAccount);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One tenant account.', { returns: TenantAccountView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @TenantAccountId() id: string,
  ): Promise<Answer<TenantAccountView>> {
    const row = await readTenantAccount(this.store.rows(tenantId), id);
    return tagged(showTenantAccount(row), row.version);
  }

  /** Work 365 sends what it has without having read what we have, so If-Match is a choice here. */
  @Put(':id')
  @Allow('operator')
  @Describe('Makes or replaces a tenant account; `If-Match` is honoured when it is given.', {
    returns: TenantAccountView,
  })
  async put(
    @CurrentUser() { tenantId }: Principal,
    @TenantAccountId() id: string,
    @Body() { name, domains, emails, taxRegId = null }: PutTenantAccount,
    @Headers('if-match') ifMatch?: string,
  ): Promise<Answer<TenantAccountView>> {
    const account = { tenantId, id, fields: { name, domains, emails, taxRegId }, now: new Date() };
    const isNew = await this.store.change(tenantId, (em) =>
      putTenantAccount(em, account, (present) => {
        if (ifMatch !== undefined && readIfMatch(ifMatch) !== present) throw staleVersion(present);
      }),
    );
    const row = await readTenantAccount(this.store.rows(tenantId), id);
    const view = showTenantAccount(row);
    return isNew
      ? Answer.created(`/v1/tenant-accounts/${id}`, view, { etag: etag(row.version) })
      : tagged(view, row.version);
  }
}
