import {
  Allow,
  type ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  IfMatch,
  type Page,
  toPage,
  Principal,
  requireVersion,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { changeAccount } from './custom-domain.store.ts';
import { resolveEndedFilter } from '../list-query.ts';
import {
  countProviderAccounts,
  listProviderAccounts,
  lockProviderAccount,
  readProviderAccount,
} from './accounts.store.ts';
import {
  ChangeProviderAccount,
  ProviderAccountCountQuery,
  ProviderAccountCounts,
  ProviderAccountQuery,
  ProviderAccountView,
  showProviderAccount,
} from './accounts.dto.ts';

@Controller('v1/provider-accounts')
export class ProviderAccountsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe("CMP's customers as last read, by name; closed ones only if `ended` requests them.", {
    returns: ProviderAccountView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: ProviderAccountQuery,
  ): Promise<Page<ProviderAccountView>> {
    const after = decodeCursor(query.cursor, ['text', 'uuid']);
    const filter = { ...query, ended: resolveEndedFilter(query) };
    const rows = await this.store.read(tenantId, (em) =>
      listProviderAccounts(em, tenantId, filter, after, query.limit),
    );
    return toPage(rows, query.limit, ({ name, id }) => [name, id], showProviderAccount);
  }

  @Get('counts')
  @Allow('viewer')
  @Describe('How many accounts wait for a person, and for what.', { returns: ProviderAccountCounts })
  counts(
    @CurrentUser() { tenantId }: Principal,
    @Query() { connectorId }: ProviderAccountCountQuery,
  ): Promise<ProviderAccountCounts> {
    return this.store.read(tenantId, (em) => countProviderAccounts(em, tenantId, connectorId));
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One provider account.', { returns: ProviderAccountView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<ProviderAccountView>> {
    const row = await this.store.read(tenantId, (em) => readProviderAccount(em, tenantId, id));
    return withEtag(showProviderAccount(row), row.version);
  }

  @Patch(':id')
  @Allow('operator')
  @Describe(
    'Changes the settings that we manage for an account: its custom domain, and whether it is synced.',
    {
      returns: ProviderAccountView,
    },
  )
  @Audited('provider-account.update')
  async change(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: ChangeProviderAccount,
  ): Promise<ApiResponse<ProviderAccountView>> {
    await this.store.change(user.tenantId, async (em) => {
      const account = await lockProviderAccount(em, id);
      requireVersion(version, account.version);
      await changeAccount(em, account, body, new Date());
    });
    return this.read(user, id);
  }
}
