import { Allow, Describe, OrNull } from '@isthmus/service-kit';
import { Controller, Get, Query, Req } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsString, isUUID, Length, Matches, ValidateNested } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { type ServiceName, services } from '../proxy/generated/routes.ts';
import { type PartReader, Parts } from './parts.service.ts';

const kinds = [
  'connector',
  'provider-account',
  'tenant-account',
  'contract',
  'subscription',
  'order',
  'product',
  'part-number',
] as const;
type Kind = (typeof kinds)[number];

const perKind = 5;

class SearchQuery {
  /** Part of a name, a number or a domain, or a whole id. */
  @IsString()
  @Length(2, 100)
  @Matches(/^[^\u0000-\u001f]*$/, { message: 'q must not contain control characters' })
  q!: string;
}

class FoundView {
  @IsIn(kinds) kind!: Kind;
  @IsString() id!: string;
  @IsString() title!: string;
  @OrNull() @IsString() subtitle!: string | null;
}

class SearchResult {
  /** At most five of each kind. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => FoundView) data!: FoundView[];
  /** The services that did not respond; what they have is missing. */
  @IsArray() @IsIn(services, { each: true }) unavailable!: ServiceName[];
}

type Row = Record<string, string | null | undefined>;

/** Where each kind is looked for: in the list of its service, or by its id. */
interface Place {
  kind: Kind;
  service: ServiceName;
  list: string;
  /** Whether a row's path is the list's with its id. */
  byId: boolean;
  show(row: Row): { title: string | null | undefined; subtitle: string | null | undefined };
}

const joined = (...parts: (string | null | undefined)[]): string | null =>
  parts.filter((part) => part != null && part !== '').join(' · ') || null;

const places: readonly Place[] = [
  {
    kind: 'provider-account',
    service: 'account-sync',
    list: '/v1/provider-accounts',
    byId: true,
    show: ({ name, cmpAccountId, customDomain }) => ({
      title: name,
      subtitle: joined(cmpAccountId, customDomain),
    }),
  },
  {
    kind: 'tenant-account',
    service: 'account-sync',
    list: '/v1/tenant-accounts',
    byId: false,
    show: ({ name, id }) => ({ title: name, subtitle: id }),
  },
  {
    kind: 'contract',
    service: 'account-sync',
    list: '/v1/billing-contracts',
    byId: true,
    show: ({ name, tenantAccountName, currency }) => ({
      title: name,
      subtitle: joined(tenantAccountName, currency),
    }),
  },
  {
    kind: 'subscription',
    service: 'subscription-lifecycle',
    list: '/v1/subscriptions',
    byId: true,
    show: ({ name, friendlyName, accountName, status }) => ({
      title: friendlyName ?? name,
      subtitle: joined(accountName, status),
    }),
  },
  {
    kind: 'order',
    service: 'subscription-lifecycle',
    list: '/v1/orders',
    byId: true,
    show: ({ kind, productName, cmpOrderNumber, marker, status }) => ({
      title: joined(cmpOrderNumber ?? marker, productName ?? kind),
      subtitle: status,
    }),
  },
  {
    kind: 'product',
    service: 'product-catalog',
    list: '/v1/products',
    byId: true,
    show: ({ name, partNumber, term }) => ({ title: name, subtitle: joined(partNumber, term) }),
  },
  {
    kind: 'part-number',
    service: 'product-catalog',
    list: '/v1/part-numbers',
    byId: false,
    show: ({ partNumber, seenName, state }) => ({ title: partNumber, subtitle: joined(seenName, state) }),
  },
];

/** One field for everything that has a name or a number. */
@Controller('v1/search')
export class SearchController {
  constructor(private readonly parts: Parts) {}

  @Get()
  @Allow('viewer')
  @Describe(
    'Accounts, contracts, subscriptions, orders, products, part numbers and connectors by a part of what they are called.',
    {
      returns: SearchResult,
    },
  )
  async find(@Query() { q }: SearchQuery, @Req() request: FastifyRequest): Promise<SearchResult> {
    const read = this.parts.for(request);
    const found = await Promise.all([
      connectorsLike(read, q),
      ...places.map((place) => (isUUID(q) ? withId(read, place, q) : rowsLike(read, place, q))),
    ]);
    return { data: found.flat(), unavailable: read.unavailable };
  }
}

async function rowsLike(read: PartReader, place: Place, q: string): Promise<FoundView[]> {
  const query = new URLSearchParams({ q, limit: String(perKind) });
  const page = await read.read<{ data: Row[] }>(place.service, `${place.list}?${query.toString()}`);
  return (page?.data ?? []).map((row) => shown(place, row));
}

async function withId(read: PartReader, place: Place, id: string): Promise<FoundView[]> {
  if (!place.byId) return [];
  const row = await read.read<Row>(place.service, `${place.list}/${id}`);
  return row ? [shown(place, row)] : [];
}

async function connectorsLike(read: PartReader, q: string): Promise<FoundView[]> {
  const connectors = (await read.all<Row>('connector-config', '/v1/connectors')) ?? [];
  const like = (text: string | null | undefined) => text?.toLowerCase().includes(q.toLowerCase()) ?? false;
  return connectors
    .filter(({ id, name, accountId }) => like(name) || like(accountId) || id === q.toLowerCase())
    .slice(0, perKind)
    .map(({ id, name, country, currency }) => ({
      kind: 'connector',
      id: id!,
      title: name!,
      subtitle: joined(country, currency),
    }));
}

function shown({ kind, show }: Place, row: Row): FoundView {
  const { title, subtitle } = show(row);
  return { kind, id: row.id!, title: title ?? row.id!, subtitle: subtitle ?? null };
}
