import { Controller, Get, Query } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  pageOf,
  Principal,
  TenantStore,
  type Page,
} from '@isthmus/service-kit';
import { countStates, listPartNumbers } from '../persistence/queries/part-numbers.query.ts';
import { CountQuery, PartNumberQuery } from './part-number-query.dto.ts';
import { PartNumberCounts, PartNumberView, showCounts, showPartNumber } from './part-number.view.ts';

/** The mapping queue: part numbers in use and what they resolve to. */
@Allow('viewer')
@Controller('v1/part-numbers')
export class PartNumbersController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe('Part numbers in use, by state; those that are unmapped or ambiguous wait for somebody.', {
    returns: PartNumberView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: PartNumberQuery,
  ): Promise<Page<PartNumberView>> {
    const after = decodeCursor(query.cursor, ['text', 'uuid']);
    const rows = await listPartNumbers(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(rows, query.limit, ({ key, id }) => [key, id], showPartNumber);
  }

  @Get('counts')
  @Describe('How many part numbers are in each state, and how many subscriptions use them.', {
    returns: PartNumberCounts,
  })
  async counts(
    @CurrentUser() { tenantId }: Principal,
    @Query() { connectorId }: CountQuery,
  ): Promise<PartNumberCounts> {
    return showCounts(await countStates(this.store.rows(tenantId), connectorId));
  }
}
