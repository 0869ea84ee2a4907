import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  Allow,
  Answer,
  CurrentUser,
  decodeCursor,
  Describe,
  Idempotency,
  invalidInput,
  pageOf,
  Principal,
  TenantStore,
  type IdempotentRequest,
  type Page,
} from '@isthmus/service-kit';
import { patternProblem } from './alias-plan.ts';
import { createAliases, listAliases, planOfAliases } from './aliases.store.ts';
import {
  AliasPlanView,
  AliasQuery,
  AliasView,
  CreateAliases,
  PreviewAliases,
  showAlias,
  showPlan,
} from './aliases.dto.ts';

/** Part numbers of one product and term each, for clients whose part numbers cannot say a term. */
@Controller('v1/part-numbers/aliases')
export class AliasesController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('Aliases in force, by part number.', { returns: AliasView, list: 'page' })
  async list(@CurrentUser() { tenantId }: Principal, @Query() query: AliasQuery): Promise<Page<AliasView>> {
    const after = decodeCursor(query.cursor, ['text', 'uuid']);
    const found = await listAliases(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(found, query.limit, ({ key, productId }) => [key, productId], showAlias);
  }

  @Post('preview')
  @HttpCode(200)
  @Allow('viewer')
  @Describe('What creating these aliases would do; nothing is written.', {
    returns: AliasPlanView,
    status: 200,
  })
  async preview(
    @CurrentUser() { tenantId }: Principal,
    @Body() wanted: PreviewAliases,
  ): Promise<AliasPlanView> {
    requireSound(wanted);
    return showPlan(await planOfAliases(this.store.rows(tenantId), wanted), false);
  }

  @Post()
  @HttpCode(200)
  @Allow('operator')
  @Describe('Creates what the preview showed, or nothing when something has changed since.', {
    returns: AliasPlanView,
    status: 200,
  })
  create(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() wanted: CreateAliases,
  ): Promise<Answer> {
    requireSound(wanted);
    if (!wanted.productIds && !wanted.fingerprint)
      throw invalidInput([
        { field: 'fingerprint', message: 'must be that of a preview, unless productIds are given' },
      ]);
    return this.store.changeOnce(request, async (em) =>
      Answer.ok(showPlan(await createAliases(em, tenantId, { ...wanted, by }), true)),
    );
  }
}

function requireSound({ pattern, partNumber, productIds }: PreviewAliases): void {
  const problem = patternProblem(pattern);
  if (problem) throw invalidInput([{ field: 'pattern', message: problem }]);
  if (partNumber !== undefined && productIds?.length !== 1)
    throw invalidInput([
      { field: 'partNumber', message: 'is the name of one product: give exactly one of productIds with it' },
    ]);
}
