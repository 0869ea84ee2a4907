import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CmpSubscription, KnownRecords, ListedRecord, ListPage } from '@isthmus/cmp-client';
import { type Mirror, mirrorListing, type Phase, type RunContext } from '@isthmus/sync-engine';
import { subscriptionMirror } from '../src/subscriptions/subscription.mirror.ts';

/** A CMP that lists what it is told to, byte for byte. */
export interface ListingServer {
  apiUrl: string;
  /** The JSON of each subscription, in CMP's order. */
  records: string[];
  /** The most records on a page. */
  pageSize: number;
  close(): void;
}

export async function serveListing(): Promise<ListingServer> {
  const listing: Omit<ListingServer, 'close' | 'apiUrl'> = { records: [], pageSize: 500 };
  const server = createServer((incoming, outgoing) => {
    outgoing.setHeader('content-type', 'application/json');
    const url = new URL(incoming.url!, 'http://cmp');
    if (url.pathname.endsWith('/token')) return outgoing.end('{"token":"t","expiresInSeconds":1500}');
    const offset = Number(url.searchParams.get('offset'));
    const limit = Math.min(Number(url.searchParams.get('limit')), listing.pageSize);
    const data = listing.records.slice(offset, offset + limit);
    const pagination = JSON.stringify({ offset, limit, total: listing.records.length });
    outgoing.end(`{"data":[${data.join(',')}],"pagination":${pagination}}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return Object.assign(listing, { apiUrl, close });
}

/** How many records the listings of a run have parsed. */
export interface Parsed {
  count: number;
}

/** The sweep over subscriptions, with the digests of that version of the mapping, or, without one, reading every record. */
export function sweepPhase(mapping: number | undefined, parsed: Parsed, skip?: ReadonlySet<string>): Phase {
  const mirror = mirrorOf(mapping);
  const pageOf = async (
    { cmp }: RunContext,
    query: { offset: number; limit: number },
    known?: KnownRecords,
  ): Promise<ListPage<CmpSubscription, ListedRecord<CmpSubscription>>> => {
    const page = known
      ? await cmp.subscriptions.pageAgainst(known, query)
      : await cmp.subscriptions.page(query);
    parsed.count += page.records.filter(({ ok }) => ok !== 'known').length;
    return page;
  };
  return {
    name: 'listing',
    run: (context) =>
      mirrorListing(context, {
        mirror,
        page: (offset, limit, known) => pageOf(context, { offset, limit }, known),
        skip: skip?.size ? skip : undefined,
      }),
  };
}

const mirrors = new Map<number | undefined, Mirror<CmpSubscription>>();

function mirrorOf(mapping: number | undefined): Mirror<CmpSubscription> {
  let mirror = mirrors.get(mapping);
  if (!mirror) mirrors.set(mapping, (mirror = { ...subscriptionMirror, mapping }));
  return mirror;
}
