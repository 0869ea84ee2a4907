import {
  Allow,
  type Answer,
  CurrentUser,
  Describe,
  Principal,
  tagged,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Put, UseInterceptors } from '@nestjs/common';
import { suggestLinks } from './link-suggestions.ts';
import { linkAccount, unlinkAccount } from './account-links.store.ts';
import { lockProviderAccount, readProviderAccount } from '../accounts/accounts.store.ts';
import { linkCandidates } from './tenant-accounts.store.ts';
import { LinkAccount, LinkSuggestions } from './tenant-accounts.dto.ts';
import { ExplainProblems } from '../explain-problems.interceptor.ts';
import { ProviderAccountView, showProviderAccount } from '../accounts/accounts.dto.ts';

/** Which tenant account a provider account belongs to. Several may belong to the same one. */
@UseInterceptors(ExplainProblems)
@Controller('v1/provider-accounts/:id')
export class AccountLinkController {
  constructor(private readonly store: TenantStore) {}

  @Put('link')
  @Allow('operator')
  @Describe('Links the account to a tenant account; one linked elsewhere moves over.', {
    returns: ProviderAccountView,
  })
  async link(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @UuidParam() id: string,
    @Body() { tenantAccountId }: LinkAccount,
  ): Promise<Answer<ProviderAccountView>> {
    await this.store.change(tenantId, async (em) => {
      const account = await lockProviderAccount(em, id);
      await linkAccount(em, account, { tenantAccountId, by, now: new Date() });
    });
    const row = await readProviderAccount(this.store.rows(tenantId), id);
    return tagged(showProviderAccount(row), row.version);
  }

  @Delete('link')
  @HttpCode(204)
  @Allow('operator')
  @Describe('Takes the link away, unless billing contracts in force depend on it.', { status: 204 })
  async unlink(@CurrentUser() { tenantId, subject: by }: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(tenantId, async (em) => {
      const account = await lockProviderAccount(em, id);
      await unlinkAccount(em, account, { by, now: new Date() });
    });
  }

  @Get('link-suggestions')
  @Allow('viewer')
  @Describe('Tenant accounts it may belong to, with the reasons.', { returns: LinkSuggestions })
  async suggestions(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<LinkSuggestions> {
    const rows = this.store.rows(tenantId);
    const account = await readProviderAccount(rows, id);
    const { customDomain, customDomainCandidates } = account;
    const domains = [...customDomainCandidates, ...(customDomain === null ? [] : [customDomain])];
    return { data: suggestLinks({ ...account, domains }, await linkCandidates(rows)) };
  }
}
