import { useCallback, useMemo, useRef } from 'react';
import type { Answer, Input, Method, Operation, PathWith, Row } from '@isthmus/sdk';
import {
  hashKey,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { api } from './api.ts';
import { errorOf } from './query-client.ts';

/** Routes that answer pages of rows. */
export type ListPath = {
  [P in PathWith<'get'>]: [Row<Operation<'get', P>>] extends [never] ? never : P;
}[PathWith<'get'>];
type Get<P extends PathWith<'get'>> = Operation<'get', P>;
type Question<O> = Omit<Input<O>, 'signal' | 'headers'>;

interface QueryOptions<A = unknown> {
  enabled?: boolean;
  /** Asked again so often, in milliseconds, while the page is looked at; it may depend on the last answer. */
  every?: number | false | ((last: A | undefined) => number | false);
}

type ListOptions = Omit<QueryOptions, 'every'> & { every?: number | false };

/** One answer of the API. It stays while a newer one is fetched, and when that fails; what went wrong stays, too. */
export function useOne<P extends PathWith<'get'>>(
  path: P,
  input: Question<Get<P>>,
  { enabled = true, every = false }: QueryOptions<Answer<Get<P>>> = {},
): UseQueryResult<Answer<Get<P>>> {
  const queryKey = keyOf(path, input);
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => read(path, input, signal),
    enabled,
    refetchInterval: typeof every === 'function' ? ({ state }) => every(state.data) : every,
  });
  const error = useLastError(queryKey, query.error);
  // Not a copy: reading all of it would draw the component again whenever anything of it changes.
  return Object.create(query, { error: { value: error, enumerable: true } }) as typeof query;
}

function useLastError(queryKey: readonly unknown[], error: Error | null): Error | null {
  const client = useQueryClient();
  return error ?? errorOf(client.getQueryCache().get(hashKey(queryKey)));
}

export interface List<T> {
  readonly rows: readonly T[];
  /** Nothing was ever received. */
  readonly isLoading: boolean;
  /** Something newer is on its way. */
  readonly isFetching: boolean;
  readonly error: Error | null;
  /** When the rows were received; undefined before. */
  readonly asOf: Date | undefined;
  /** The rows are from before the last question, which failed. */
  readonly isStale: boolean;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
  /** The question, for the same list as a file. */
  readonly question: { readonly path: ListPath; readonly input: Record<string, unknown> };
}

const none: readonly never[] = [];

/** Rows of a list, page by page. Those there are stay while others are fetched. */
export function useList<P extends ListPath & PathWith<'get'>>(
  path: P,
  input: Question<Get<P>>,
  { enabled = true, every = false }: ListOptions = {},
): List<Row<Get<P>>> {
  const queryKey = [...keyOf(path, input), 'pages'];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const { query: filters, ...rest } = input as { query?: object };
      const page = { ...rest, query: { limit: 200, ...filters, ...(pageParam && { cursor: pageParam }) } };
      return read(path, page as never, signal) as Promise<{
        data: Row<Get<P>>[];
        nextCursor: string | null;
      }>;
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: every,
  });
  const { dataUpdatedAt, hasNextPage, isFetching, isPending, fetchNextPage, refetch } = query;
  const error = useLastError(queryKey, query.error);
  // Those of another question may stand in for what is on its way, not for what failed.
  const data = error && query.isPlaceholderData ? undefined : query.data;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? none, [data]);
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const retry = useCallback(() => void refetch(), [refetch]);
  return {
    rows,
    isLoading: isPending && enabled && !error,
    isFetching,
    error,
    asOf: dataUpdatedAt > 0 ? new Date(dataUpdatedAt) : undefined,
    isStale: error !== null && data !== undefined,
    hasMore: hasNextPage,
    loadMore,
    retry,
    question: { path, input },
  };
}

type PathOf<M extends Method> = PathWith<M>;

export interface CommandOptions<A> {
  /** Routes whose answers may be others now; all that begin with one of these. */
  changes?: readonly string[];
  onDone?: (answer: A) => void;
}

/**
 * Something that changes something: `const pause = useCommand('post', '/v1/connectors/{id}/pause', …)`, then
 * `pause.mutate({path: {id}, body: {}})`. The same command sent again after a failure keeps its Idempotency-Key, so that it
 * takes effect once, however often somebody clicks.
 */
export function useCommand<M extends Exclude<Method, 'get'>, P extends PathOf<M>>(
  method: M,
  path: P,
  { changes = [], onDone }: CommandOptions<Answer<Operation<M, P>>> = {},
): UseMutationResult<Answer<Operation<M, P>>, Error, Question<Operation<M, P>>> {
  const client = useQueryClient();
  const sent = useRef({ command: '', key: '' });
  return useMutation({
    mutationFn: (input) => {
      const command = JSON.stringify(input);
      if (sent.current.command !== command) sent.current = { command, key: crypto.randomUUID() };
      return call(method, path, { key: sent.current.key, ...input }) as Promise<Answer<Operation<M, P>>>;
    },
    onSuccess: async (answer) => {
      sent.current = { command: '', key: '' };
      onDone?.(answer);
      await Promise.all(changes.map((begin) => refresh(client, begin)));
    },
  });
}

/** Asks again for everything whose route begins so. */
export const refresh = (client: QueryClient, begin: string): Promise<void> =>
  client.invalidateQueries({
    predicate: ({ queryKey: [path] }) => typeof path === 'string' && path.startsWith(begin),
  });

/** A call outside of a component: in a loader, a stream, an event. */
export const read = <P extends PathWith<'get'>>(
  path: P,
  input: Question<Get<P>>,
  signal?: AbortSignal,
): Promise<Answer<Get<P>>> => call('get', path, { ...input, ...(signal && { signal }) }) as never;

export const keyOf = (path: string, input: object): readonly [string, object] => [path, input];

/** The typed methods are one function underneath; which types fit was checked where it is called. */
function call(method: Method, path: string, input: object): Promise<unknown> {
  const send = api[method] as unknown as (path: string, input: object) => Promise<unknown>;
  return send.call(api, path, input);
}
