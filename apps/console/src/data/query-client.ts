import { type Query, QueryCache, QueryClient } from '@tanstack/react-query';
import { signIn } from './me.ts';

const lastErrors = new WeakMap<object, Error>();

/**
 * Why the last answer did not come; null if it came, or was never asked for. The library forgets it while it asks again for something
 * that never came.
 */
export function errorOf(query: Query | undefined): Error | null {
  if (!query) return null;
  const { error, errorUpdatedAt, dataUpdatedAt } = query.state;
  return error ?? (errorUpdatedAt > dataUpdatedAt ? (lastErrors.get(query) ?? null) : null);
}

/** What was received, for all pages. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      lastErrors.set(query, error);
      // Without a session there is nothing to show. A command says it instead: what somebody typed is not thrown away.
      // By its name: the frame is drawn before the SDK is there.
      if (error.name === 'Unauthenticated') signIn();
    },
  }),
  defaultOptions: {
    // The SDK repeats what may be repeated.
    queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});
