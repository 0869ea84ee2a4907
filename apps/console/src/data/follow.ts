import { useEffect, useState } from 'react';
import type { CatalogSync, Order, SyncRun } from '@isthmus/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { api } from './api.ts';
import { keyOf, refresh } from './queries.ts';

interface Followed {
  '/v1/sync-runs': SyncRun;
  '/v1/catalog-syncs': CatalogSync;
  '/v1/orders': Order;
}

/** Routes whose answers are others once it has ended; all that begin with one of these. */
const changedBy: Record<keyof Followed, readonly string[]> = {
  '/v1/sync-runs': ['/v1/sync-runs'],
  '/v1/catalog-syncs': ['/v1/catalog-syncs'],
  '/v1/orders': ['/v1/orders', '/v1/subscriptions', '/v1/renewals', '/v1/scheduled-changes'],
};

const followers = {
  '/v1/sync-runs': api.syncRuns,
  '/v1/catalog-syncs': api.catalogSyncs,
  '/v1/orders': api.orders,
};

/**
 * Something that goes on by itself, as it is at each moment, by its server-sent events. What `useOne` and lists of the same
 * route show is brought up to date.
 * @param id undefined: nothing to follow
 */
export function useFollowed<P extends keyof Followed>(
  path: P,
  id: string | undefined,
): { now: Followed[P] | undefined; error: Error | undefined } {
  const client = useQueryClient();
  const [seen, setSeen] = useState<{ id: string; now?: Followed[P]; error?: Error }>();
  useEffect(() => {
    if (id === undefined) return;
    const leave = new AbortController();
    const follow = async (): Promise<void> => {
      try {
        for await (const now of followers[path].follow(id, { signal: leave.signal })) {
          setSeen({ id, now: now as Followed[P] });
          // What comes live may lack what only the whole answer has, such as the history of an order.
          client.setQueryData(keyOf(`${path}/{id}`, { path: { id } }), (before: object | undefined) => ({
            ...before,
            ...now,
          }));
        }
        await Promise.all(changedBy[path].map((begin) => refresh(client, begin)));
      } catch (error) {
        if (!leave.signal.aborted) setSeen((before) => ({ ...before, id, error: error as Error }));
      }
    };
    void follow();
    return () => leave.abort();
  }, [client, id, path]);
  const current = seen?.id === id ? seen : undefined;
  return { now: current?.now, error: current?.error };
}
