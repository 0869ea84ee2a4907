import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  Idempotency,
  invalidInput,
  NotAudited,
  toPage,
  Principal,
  TenantStore,
  type IdempotentRequest,
  type Page,
} from '@isthmus/service-kit';
import { patternProblem } from './alias-plan.ts';
import {
  AliasPlanView,
  AliasQuery,
  AliasView,
  CreateAliases,
  PreviewAliases,
  toAlias,
  toAliasPlan,
} from './aliases.dto.ts';
import { buildAliasPlan, createAliases, listAliases } from './aliases.store.ts';

/** Part numbers of one product and term each, for clients whose part numbers do not include a term. */
@Controller('v1/part-numbers/aliases')
export class AliasesController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('Active aliases, by part number.', { returns: AliasView, list: 'page' })
  async list(@CurrentUser() { tenantId }: Principal, @Query() query: AliasQuery): Promise<Page<AliasView>> {
    const after = decodeCursor(query.cursor, ['text', 'uuid']);
    const { connectorId, productId, q, limit } = query;
    const found = await this.store.read(tenantId, (em) =>
      listAliases(em, { tenantId, connectorId, productId, q }, after, limit),
    );
    return toPage(found, limit, ({ partNumberKey, productId }) => [partNumberKey, productId], toAlias);
  }

  @Post('preview')
  @HttpCode(200)
  @Allow('viewer')
  @Describe('Shows the effect of creating these aliases; nothing is written.', {
    returns: AliasPlanView,
    status: 200,
  })
  @NotAudited('It writes nothing.')
  async preview(
    @CurrentUser() { tenantId }: Principal,
    @Body() body: PreviewAliases,
  ): Promise<AliasPlanView> {
    requireValid(body);
    return toAliasPlan(await buildAliasPlan(this.store.rows(tenantId), body), false);
  }

  @Post()
  @HttpCode(200)
  @Allow('operator')
  @Describe('Creates exactly what the preview showed, or nothing if anything has changed since.', {
    returns: AliasPlanView,
    status: 200,
  })
  @Audited('alias.create')
  create(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: CreateAliases,
  ): Promise<ApiResponse> {
    requireValid(body);
    if (!body.productIds && !body.fingerprint)
      throw invalidInput([
        { field: 'fingerprint', message: 'must be that of a preview, unless productIds are given' },
      ]);
    return this.store.changeOnce(request, async (em) =>
      ApiResponse.ok(toAliasPlan(await createAliases(em, tenantId, { ...body, by }), true)),
    );
  }
}

function requireValid({ pattern, partNumber, productIds }: PreviewAliases): void {
  const problem = patternProblem(pattern);
  if (problem) throw invalidInput([{ field: 'pattern', message: problem }]);
  if (partNumber !== undefined && productIds?.length !== 1)
    throw invalidInput([
      { field: 'partNumber', message: 'is the name of one product: give exactly one of productIds with it' },
    ]);
}
