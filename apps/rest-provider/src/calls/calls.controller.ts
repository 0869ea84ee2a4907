import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  IfGiven,
  IsInstant,
  isoTime,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  QueryFlag,
  TenantStore,
  toPage,
} from '@isthmus/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { IsIn, IsInt, IsISO8601, IsString, IsUUID, Length, Matches } from 'class-validator';
import { RestProviderEnv } from '../config.ts';
import { type CallFilter, type CallRow, listCalls } from './calls.store.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

class CallQuery extends PageQuery implements CallFilter {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() apiKeyId?: string;
  @IfGiven() @IsString() @Length(1, 128) @Matches(/^[\w.:/-]+$/) correlationId?: string;
  /** Only calls that got a status of 400 or more, or only the others. */
  @IfGiven() @QueryFlag() failed?: boolean;
  /** Arrived at or after, and before. */
  @IfGiven() @IsInstant() from?: string;
  @IfGiven() @IsInstant() to?: string;
}

/** A call of Work 365. */
export class Work365CallView {
  @IsString() id!: string;
  /** The time at which it arrived. */
  @IsISO8601() at!: string;
  @IsIn(methods) method!: string;
  /** The template of the address, such as `/customers/{id}`. */
  @IsString() route!: string;
  @IsInt() status!: number;
  /** Time from its arrival to the end of the response. */
  @IsInt() tookMs!: number;
  @IsUUID() connectorId!: string;
  @IsUUID() apiKeyId!: string;
  /** As the key was called at the time of the call. */
  @IsString() apiKeyLabel!: string;
  @IsString() correlationId!: string;
}

/** What has to be typed in where, so that Work 365 calls. */
export class Work365SetupView {
  /** For the field `EndPointUrl` in Work 365; null if `WORK365_ENDPOINT_URL` is not set. */
  @OrNull() @IsString() endpointUrl!: string | null;
  /** Calls are kept for as many days. */
  @IsInt() callsKeptDays!: number;
}

@Allow('viewer')
@Controller('v1/work365')
export class CallsController {
  constructor(
    private readonly store: TenantStore,
    private readonly env: RestProviderEnv,
  ) {}

  @Get('calls')
  @Describe(
    'The calls of Work 365 with a valid API key, newest first, as long as they are kept. One appears about a second after its response.',
    { returns: Work365CallView, list: 'page' },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() { cursor, limit, ...filter }: CallQuery,
  ): Promise<Page<Work365CallView>> {
    const after = decodeCursor(cursor, ['digits']);
    const found = await this.store.read(tenantId, (em) => listCalls(em, tenantId, filter, after, limit));
    return toPage(found, limit, ({ id }) => [id], showCall);
  }

  @Get('setup')
  @Describe('What is entered in Work 365 beside an API key.', { returns: Work365SetupView })
  setup(): Work365SetupView {
    const { WORK365_ENDPOINT_URL, WORK365_CALL_KEEP_DAYS } = this.env;
    return { endpointUrl: WORK365_ENDPOINT_URL ?? null, callsKeptDays: WORK365_CALL_KEEP_DAYS };
  }
}

const showCall = ({ tenantId: _, at, route, ...call }: CallRow): Work365CallView => ({
  ...call,
  at: isoTime(at),
  route: route.replace(/:(\w+)/g, '{$1}'),
});
