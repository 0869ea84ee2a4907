import { Readable } from 'node:stream';
import {
  Allow,
  ApiResponse,
  Audited,
  Consumes,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  invalidInput,
  type Page,
  toPage,
  Principal,
  readIfMatch,
  staleVersion,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import {
  Body,
  Controller,
  createParamDecorator,
  Delete,
  Get,
  Headers,
  HttpCode,
  Post,
  Put,
  Query,
  Req,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProviderAccountView, showProviderAccount } from '../accounts/accounts.dto.ts';
import { accountsToLink, lockProviderAccount, readProviderAccount } from '../accounts/accounts.store.ts';
import { AccountFileNotUsable, idRule, readAccountFile, tenantAccountId } from './account-file.ts';
import { linkAccount, linkMany, OnlyTried, unlinkAccount } from './account-links.store.ts';
import { suggestLinks } from './link-suggestions.ts';
import {
  ImportedAccountsView,
  ImportQuery,
  LinkAccount,
  LinkAccounts,
  LinkResultsView,
  LinkSuggestions,
  PutTenantAccount,
  showImportedAccounts,
  showLinkResults,
  showTenantAccount,
  TenantAccountQuery,
  TenantAccountView,
} from './tenant-accounts.dto.ts';
import {
  type ImportedAccount,
  importTenantAccounts,
  linkCandidates,
  listTenantAccounts,
  putTenantAccount,
  readTenantAccount,
  removeTenantAccount,
} from './tenant-accounts.store.ts';

/** Parameter decorator: Work 365's id of an account from the path; 400 when it cannot be one. */
const TenantAccountId: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const { id } = context.switchToHttp().getRequest<FastifyRequest>().params as { id?: unknown };
    if (typeof id === 'string' && tenantAccountId.test(id)) return id;
    throw invalidInput([{ field: 'id', message: `id ${idRule}` }]);
  },
);

/** Work 365's accounts, as far as linking and contracts need them. */
@Controller('v1/tenant-accounts')
export class TenantAccountsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('Tenant accounts, by name.', { returns: TenantAccountView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: TenantAccountQuery,
  ): Promise<Page<TenantAccountView>> {
    const after = decodeCursor(query.cursor, ['text', 'text']);
    const rows = await this.store.read(tenantId, (em) =>
      listTenantAccounts(em, tenantId, query, after, query.limit),
    );
    return toPage(rows, query.limit, ({ name, id }) => [name, id], showTenantAccount);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One tenant account.', { returns: TenantAccountView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @TenantAccountId() id: string,
  ): Promise<ApiResponse<TenantAccountView>> {
    const row = await this.store.read(tenantId, (em) => readTenantAccount(em, tenantId, id));
    return withEtag(showTenantAccount(row), row.version);
  }

  /** Work 365 sends its data without having read ours, so If-Match is optional here. */
  @Put(':id')
  @Allow('operator')
  @Describe('Creates or replaces a tenant account; `If-Match` is respected if present.', {
    returns: TenantAccountView,
    also: { 201: TenantAccountView },
  })
  @Audited('tenant-account.write')
  async put(
    @CurrentUser() { tenantId }: Principal,
    @TenantAccountId() id: string,
    @Body() { name, domains, emails, taxRegId = null }: PutTenantAccount,
    @Headers('if-match') ifMatch?: string,
  ): Promise<ApiResponse<TenantAccountView>> {
    const account = { tenantId, id, fields: { name, domains, emails, taxRegId }, now: new Date() };
    const isNew = await this.store.change(tenantId, (em) =>
      putTenantAccount(em, account, (present) => {
        if (ifMatch !== undefined && readIfMatch(ifMatch) !== present) throw staleVersion(present);
      }),
    );
    const row = await this.store.read(tenantId, (em) => readTenantAccount(em, tenantId, id));
    const view = showTenantAccount(row);
    return isNew
      ? ApiResponse.created(`/v1/tenant-accounts/${id}`, view, { etag: etag(row.version) })
      : withEtag(view, row.version);
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('operator')
  @Describe('Deletes a tenant account that nothing is linked to and that has no billing contracts.', {
    status: 204,
  })
  @Audited('tenant-account.remove')
  async remove(@CurrentUser() { tenantId }: Principal, @TenantAccountId() id: string): Promise<void> {
    await this.store.change(tenantId, (em) => removeTenantAccount(em, tenantId, id));
  }
}

/** Tenant accounts from a file, as Work 365 exports them or as our list is exported. */
@Controller('v1/tenant-accounts/import')
export class TenantAccountImportController {
  constructor(private readonly store: TenantStore) {}

  @Post()
  @HttpCode(200)
  @Consumes('text/csv')
  @Allow('operator')
  @Describe(
    'Creates or replaces the accounts of a CSV (`text/csv`; columns id, name, domains, emails, taxRegId), all usable rows in one transaction; with `dryRun=true`, the response says what would happen. Accounts that are not in the file are not changed.',
    { returns: ImportedAccountsView },
  )
  @Audited('tenant-account.write')
  async import(
    @CurrentUser() { tenantId }: Principal,
    @Query() { dryRun }: ImportQuery,
    @Req() { body }: FastifyRequest,
  ): Promise<ImportedAccountsView> {
    if (!(body instanceof Readable))
      throw new AccountFileNotUsable('The request contains no file.', 'Send it as the body, as text/csv.');
    const rows = await readAccountFile(body);
    let results: ImportedAccount[] = [];
    try {
      await this.store.change(tenantId, async (em) => {
        results = await importTenantAccounts(em, tenantId, rows, new Date());
        if (dryRun) throw new OnlyTried();
      });
    } catch (error) {
      if (!(error instanceof OnlyTried)) throw error;
    }
    return showImportedAccounts(results, dryRun);
  }
}

/** Many links at once. */
@Controller('v1/provider-accounts')
export class AccountLinksController {
  constructor(private readonly store: TenantStore) {}

  @Post('links')
  @HttpCode(200)
  @Allow('operator')
  @Describe(
    'Links many accounts, named or suggested. Each is handled independently; with `dryRun`, the response says what would happen. Repeating the request changes nothing.',
    { returns: LinkResultsView },
  )
  @Audited('provider-account.link')
  async link(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Body() { links, suggested, dryRun }: LinkAccounts,
  ): Promise<LinkResultsView> {
    if (links && suggested)
      throw invalidInput([{ field: 'suggested', message: 'suggested and links exclude each other' }]);
    const wanted = links ?? (await this.#sure(tenantId, suggested!));
    const results = await linkMany(this.store, wanted, { tenantId, by, now: new Date(), dryRun });
    return showLinkResults(results, dryRun);
  }

  #sure(tenantId: string, { connectorId, minScore }: NonNullable<LinkAccounts['suggested']>) {
    return this.store.read(tenantId, async (em) => {
      const candidates = await linkCandidates(em, tenantId);
      const accounts = await accountsToLink(em, tenantId, connectorId);
      const found = accounts.flatMap(({ id: providerAccountId, ...account }) => {
        const [best] = suggestLinks({ ...account, domains: domainsOf(account) }, candidates);
        const sure = best && !best.tied && best.score >= minScore;
        return sure ? [{ providerAccountId, tenantAccountId: best.tenantAccountId }] : [];
      });
      return found.slice(0, mostLinks);
    });
  }
}

const mostLinks = 500;

/** Its custom domain and those seen on its subscriptions. */
const domainsOf = (account: { customDomain: string | null; customDomainCandidates: string[] }): string[] => [
  ...account.customDomainCandidates,
  ...(account.customDomain === null ? [] : [account.customDomain]),
];

/** Links of provider accounts to tenant accounts. Several provider accounts may be linked to the same one. */
@Controller('v1/provider-accounts/:id')
export class AccountLinkController {
  constructor(private readonly store: TenantStore) {}

  @Put('link')
  @Allow('operator')
  @Describe('Links the account to a tenant account, replacing an existing link.', {
    returns: ProviderAccountView,
  })
  @Audited('provider-account.link')
  async link(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @UuidParam() id: string,
    @Body() { tenantAccountId }: LinkAccount,
  ): Promise<ApiResponse<ProviderAccountView>> {
    await this.store.change(tenantId, async (em) => {
      const account = await lockProviderAccount(em, id);
      await linkAccount(em, account, { tenantAccountId, by, now: new Date() });
    });
    const row = await this.store.read(tenantId, (em) => readProviderAccount(em, tenantId, id));
    return withEtag(showProviderAccount(row), row.version);
  }

  @Delete('link')
  @HttpCode(204)
  @Allow('operator')
  @Describe('Removes the link, unless active billing contracts depend on it.', { status: 204 })
  @Audited('provider-account.unlink')
  async unlink(@CurrentUser() { tenantId, subject: by }: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(tenantId, async (em) => {
      const account = await lockProviderAccount(em, id);
      await unlinkAccount(em, account, { by, now: new Date() });
    });
  }

  @Get('link-suggestions')
  @Allow('viewer')
  @Describe('Tenant accounts it may belong to, with reasons.', { returns: LinkSuggestions })
  suggestions(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<LinkSuggestions> {
    return this.store.read(tenantId, async (em) => {
      const account = await readProviderAccount(em, tenantId, id);
      const about = { ...account, domains: domainsOf(account) };
      return { data: suggestLinks(about, await linkCandidates(em, tenantId)) };
    });
  }
}
