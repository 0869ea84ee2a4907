import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  IfMatch,
  type Page,
  toPage,
  Principal,
  requireVersion,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  changeContract,
  createContract,
  listBillingContracts,
  readBillingContract,
  requireContract,
} from './billing-contracts.store.ts';
import { findAndLockTenantAccount } from '../tenant-accounts/tenant-accounts.store.ts';
import {
  BillingContractQuery,
  BillingContractView,
  ChangeBillingContract,
  CreateBillingContract,
  showBillingContract,
} from './billing-contracts.dto.ts';

@Controller('v1/billing-contracts')
export class BillingContractsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('The billing contracts, by name.', { returns: BillingContractView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: BillingContractQuery,
  ): Promise<Page<BillingContractView>> {
    const after = decodeCursor(query.cursor, ['text', 'uuid']);
    const rows = await this.store.read(tenantId, (em) =>
      listBillingContracts(em, tenantId, query, after, query.limit),
    );
    return toPage(rows, query.limit, ({ name, id }) => [name, id], showBillingContract);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One billing contract.', { returns: BillingContractView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<BillingContractView>> {
    const row = await this.store.read(tenantId, (em) => readBillingContract(em, tenantId, id));
    return withEtag(showBillingContract(row), row.version);
  }

  @Post()
  @HttpCode(201)
  @Allow('operator')
  @Describe('Creates a contract for a tenant account that has a linked provider account.', {
    returns: BillingContractView,
    status: 201,
  })
  @Audited('billing-contract.create')
  async create(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Body() { endDate = null, ...body }: CreateBillingContract,
  ): Promise<ApiResponse<BillingContractView>> {
    const id = await this.store.change(tenantId, (em) =>
      createContract(em, { ...body, endDate }, { tenantId, by, now: new Date() }),
    );
    const row = await this.store.read(tenantId, (em) => readBillingContract(em, tenantId, id));
    return ApiResponse.created(`/v1/billing-contracts/${id}`, showBillingContract(row), {
      etag: etag(row.version),
    });
  }

  @Patch(':id')
  @Allow('operator')
  @Describe('Changes the terms of a contract, or makes it the default.', { returns: BillingContractView })
  @Audited('billing-contract.update')
  async change(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: ChangeBillingContract,
  ): Promise<ApiResponse<BillingContractView>> {
    await this.store.change(user.tenantId, async (em) => {
      const contract = await requireContract(em, id);
      await findAndLockTenantAccount(em, contract.tenantAccountId);
      await em.refresh(contract);
      requireVersion(version, contract.version);
      await changeContract(em, contract, body);
    });
    return this.read(user, id);
  }
}
