import { QueryCache, QueryClient } from '@tanstack/react-query';
import { signIn } from './me.ts';

/** What was received, for all pages. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
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
