import {
  Allow,
  Describe,
  DropParkedMessage,
  IfGiven,
  NotAudited,
  notFound,
  type Page,
  PageQuery,
  ParkedMessageView,
  Problem,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { IsIn } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { merged, services, type ServiceName } from '../proxy/generated/routes.ts';
import { Services } from '../proxy/services.service.ts';
import { MergedLists } from './merged-list.service.ts';

class MergedParkedQuery extends PageQuery {
  /** Those of one service only. */
  @IfGiven() @IsIn(services) service?: ServiceName;
}

class MergedParkedMessageView extends ParkedMessageView {
  /** The service that could not handle or publish it. */
  @IsIn(services) service!: ServiceName;
}

const path = '/v1/parked-messages';
const sources = merged['parked-messages']!;
const lists = {
  path,
  sources,
  timeOf: ({ parkedAt }: ParkedMessageView) => parkedAt,
  keyOf: ({ parkedAt, id }: ParkedMessageView) => [parkedAt, id],
};

/** The parked messages of all services as one list. A message is found again by its id, whichever service has it. */
@Controller(path)
export class ParkedMessagesController {
  constructor(
    private readonly merged: MergedLists,
    private readonly services: Services,
  ) {}

  @Get()
  @Allow('viewer')
  @Describe(
    'Messages that could not be handled or published and wait for somebody, of all services, newest first.',
    {
      returns: MergedParkedMessageView,
      list: 'page',
    },
  )
  list(
    @Query() { service, cursor, limit }: MergedParkedQuery,
    @Req() request: FastifyRequest,
  ): Promise<Page<MergedParkedMessageView>> {
    return this.merged.read<ParkedMessageView>(lists, { service, cursor, limit, filters: {} }, request);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One parked message.', { returns: MergedParkedMessageView })
  async read(@UuidParam() id: string, @Req() request: FastifyRequest): Promise<MergedParkedMessageView> {
    return this.#find(id, request);
  }

  @Post(':id/retry')
  @HttpCode(204)
  @Allow('operator')
  @Describe(
    'Handles or publishes it now. If that fails again, it remains parked, and the response says why.',
    {
      status: 204,
    },
  )
  @NotAudited('The service that has the message writes the entry.')
  async retry(@UuidParam() id: string, @Req() request: FastifyRequest): Promise<void> {
    const { service } = await this.#find(id, request);
    await this.services.command(service, `${path}/${id}/retry`, undefined, request);
  }

  @Post(':id/drop')
  @HttpCode(204)
  @Allow('operator')
  @Describe('Removes it for good: what it says never takes effect in that service.', { status: 204 })
  @NotAudited('The service that has the message writes the entry.')
  async drop(
    @UuidParam() id: string,
    @Body() body: DropParkedMessage,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const { service } = await this.#find(id, request);
    await this.services.command(service, `${path}/${id}/drop`, body, request);
  }

  /** @throws Problem 404 if no service has it, or that of a service that could not be asked */
  async #find(id: string, request: FastifyRequest): Promise<MergedParkedMessageView> {
    const answers = await Promise.allSettled(
      sources.map(async (service) => ({
        ...(await this.services.read<ParkedMessageView>(service, `${path}/${id}`, request)),
        service,
      })),
    );
    const found = answers.find((answer) => answer.status === 'fulfilled');
    if (found) return found.value;
    const problem = answers
      .map((answer): unknown => (answer as PromiseRejectedResult).reason)
      .find((reason) => !(reason instanceof Problem && reason.status === 404));
    throw (problem as Error | undefined) ?? notFound('parked message', id);
  }
}
