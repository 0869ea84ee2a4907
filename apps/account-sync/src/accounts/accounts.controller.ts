import { CreateProviderAccount } from '@isthmus/contracts';
import { derivedUuid } from '@isthmus/domain';
import { RequestClient } from '@isthmus/messaging';
import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  earlierResponse,
  etag,
  Idempotency,
  type IdempotentRequest,
  IfMatch,
  type Page,
  toPage,
  Principal,
  requireVersion,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { ConnectorLookup, requireActiveConnector } from '@isthmus/sync-engine';
import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { Pool } from 'pg';
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
  NewProviderAccount,
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

/** Long enough for CMP and for a search after an unclear response. */
const creationDeadlineMs = 25_000;

/** Customers that are created at CMP, by the worker. */
@Controller('v1/provider-accounts')
export class NewAccountsController {
  constructor(
    private readonly store: TenantStore,
    private readonly pool: Pool,
    private readonly requests: RequestClient,
    private readonly connectors: ConnectorLookup,
  ) {}

  @Post()
  @HttpCode(201)
  @Allow('operator')
  @Describe(
    'Creates a customer at CMP, once per Idempotency-Key. After a 503 repeat the request with the same key: the customer is searched for before anything is sent again.',
    { returns: ProviderAccountView, status: 201 },
  )
  @Audited('provider-account.create')
  async create(
    @CurrentUser() { tenantId, subject, highestRole }: Principal,
    @Idempotency() once: IdempotentRequest,
    @Body() { connectorId, ...customer }: NewProviderAccount,
  ): Promise<ApiResponse> {
    const earlier = await earlierResponse(this.pool, once);
    if (earlier) return earlier;
    await this.connectors.refresh(tenantId, connectorId);
    await this.store.change(tenantId, (em) => requireActiveConnector(em, connectorId));
    const request = {
      ...{ tenantId, connectorId, ...customer, requestedBy: subject, role: highestRole! },
      // CMP is searched by this. A request that failed may be repeated with another customer, which is another one.
      key: derivedUuid(`account ${tenantId} ${connectorId} ${once.key} ${once.bodyHash}`),
    };
    const { account } = await this.requests.request(CreateProviderAccount, request, {
      deadlineMs: creationDeadlineMs,
    });
    const id = account.providerAccountId;
    return this.store.changeOnce(once, async (em) => {
      const row = await readProviderAccount(em, tenantId, id);
      const headers = { etag: etag(row.version) };
      return ApiResponse.created(`/v1/provider-accounts/${id}`, showProviderAccount(row), headers);
    });
  }
}
