import createFetchClient from 'openapi-fetch';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { paths as AccountSync } from './generated/account-sync.ts';
import type { paths as ConnectorConfig } from './generated/connector-config.ts';
import type { paths as ConsoleGateway } from './generated/console-gateway.ts';
import type { paths as ProductCatalog } from './generated/product-catalog.ts';
import type { paths as RestProvider } from './generated/rest-provider.ts';
import type { paths as SubscriptionLifecycle } from './generated/subscription-lifecycle.ts';
import type { paths as Webhooks } from './generated/webhooks.ts';
import { type OperationFacts, operations, type Service } from './generated/operations.ts';
import { errorFor, Unavailable } from './problems.ts';
import { pause, send, type SendOptions, wait } from './send.ts';

/** Every route of the API, with its input and its answer. */
export type Paths = AccountSync &
  ConnectorConfig &
  ConsoleGateway &
  ProductCatalog &
  RestProvider &
  SubscriptionLifecycle &
  Webhooks;
export type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
/** The routes that have the method. */
export type PathWith<M extends Method> = {
  [P in keyof Paths]: Paths[P] extends { [name in M]: object } ? P : never;
}[keyof Paths];
export type Operation<M extends Method, P extends PathWith<M>> = Paths[P] extends { [name in M]: infer O }
  ? O
  : never;

interface CallOptions {
  signal?: AbortSignal;
  /** E.g. `traceparent`. */
  headers?: Readonly<Record<string, string>>;
}

type PathOf<O> = O extends { parameters: { path: infer T } } ? { path: T } : unknown;
type QueryOf<O> = O extends { parameters: { query: infer T } }
  ? { query: T }
  : O extends { parameters: { query?: infer T } }
    ? [T] extends [never]
      ? unknown
      : { query?: T }
    : unknown;
type BodyOf<O> = O extends { requestBody: { content: infer C } }
  ? { body: C[keyof C] }
  : O extends { requestBody?: { content: infer C } }
    ? { body?: C[keyof C] }
    : unknown;
/** The version that the change is based on, as the resource's `version` and its ETag have it. */
type VersionOf<O> = O extends { parameters: { header: { 'If-Match': string } } }
  ? { version: number }
  : unknown;
/** The command's `Idempotency-Key`: repeating the command with the same key has no second effect. A new one by default. */
type KeyOf<O> = O extends { parameters: { header: { 'Idempotency-Key': string } } }
  ? { key?: string }
  : O extends { parameters: { header?: { 'Idempotency-Key'?: string } } }
    ? { key?: string }
    : unknown;

/** What a call needs besides its route. */
export type Input<O> = PathOf<O> & QueryOf<O> & BodyOf<O> & VersionOf<O> & KeyOf<O> & CallOptions;
type Rest<O> = Partial<Record<never, never>> extends Input<O> ? [input?: Input<O>] : [input: Input<O>];

type Success = 200 | 201 | 202 | 203 | 204;
type JsonIn<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
/** What a route answers. */
export type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends Success ? JsonIn<R[S]> : never }[keyof R]
  : never;
/** A row of a list that comes in pages. */
export type Row<O> = Answer<O> extends { data: (infer T)[]; nextCursor: string | null } ? T : never;
type ListPath = {
  [P in PathWith<'get'>]: [Row<Operation<'get', P>>] extends [never] ? never : P;
}[PathWith<'get'>];
/** A server-sent event, with its data. */
export type StreamEvent<O> = O extends { responses: { 200: { content: { 'text/event-stream': infer T } } } }
  ? T
  : never;
export type StreamPath = {
  [P in PathWith<'get'>]: [StreamEvent<Operation<'get', P>>] extends [never] ? never : P;
}[PathWith<'get'>];
/** Lists that are also available as a file. */
type CsvPath = {
  [P in PathWith<'get'>]: Operation<'get', P> extends {
    responses: { 200: { content: { 'text/csv': string } } };
  }
    ? P
    : never;
}[PathWith<'get'>];

export interface ConnectOptions extends Partial<SendOptions> {
  /** The address of the platform (the gateway); or, where there is no gateway, the address of each service that is called. */
  baseUrl: string | Readonly<Partial<Record<Service, string>>>;
  /** An access token of the identity provider, or a function that returns one; it is called for each request. None for pages, which have a cookie. */
  token?: string | (() => string | Promise<string>);
  /** How long a stream keeps trying to reconnect before it throws; five minutes by default. */
  patienceMs?: number;
}

interface LooseInput extends CallOptions {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  version?: number;
  key?: string;
}

/** The API, typed by its documents. Every call returns what the service answers, or throws an IsthmusError. */
export class ApiClient {
  readonly #options: SendOptions;

  constructor(private readonly target: ConnectOptions) {
    const {
      attempts = 4,
      timeoutMs = 30_000,
      fetch = (request, init) => globalThis.fetch(request, init),
    } = target;
    this.#options = { attempts, timeoutMs, fetch };
  }

  get<P extends PathWith<'get'>>(
    path: P,
    ...[input]: Rest<Operation<'get', P>>
  ): Promise<Answer<Operation<'get', P>>> {
    return this.#call('get', path, input);
  }

  post<P extends PathWith<'post'>>(
    path: P,
    ...[input]: Rest<Operation<'post', P>>
  ): Promise<Answer<Operation<'post', P>>> {
    return this.#call('post', path, input);
  }

  put<P extends PathWith<'put'>>(
    path: P,
    ...[input]: Rest<Operation<'put', P>>
  ): Promise<Answer<Operation<'put', P>>> {
    return this.#call('put', path, input);
  }

  patch<P extends PathWith<'patch'>>(
    path: P,
    ...[input]: Rest<Operation<'patch', P>>
  ): Promise<Answer<Operation<'patch', P>>> {
    return this.#call('patch', path, input);
  }

  delete<P extends PathWith<'delete'>>(
    path: P,
    ...[input]: Rest<Operation<'delete', P>>
  ): Promise<Answer<Operation<'delete', P>>> {
    return this.#call('delete', path, input);
  }

  /** Every row of a list; a page is requested when its rows are needed. */
  async *all<P extends ListPath & PathWith<'get'>>(
    path: P,
    ...[input]: Rest<Operation<'get', P>>
  ): AsyncGenerator<Row<Operation<'get', P>>, void, undefined> {
    const given: LooseInput = input ?? {};
    let cursor: string | null | undefined;
    do {
      const query = { limit: 200, ...given.query, ...(cursor && { cursor }) };
      const page = await this.#call<{ data: Row<Operation<'get', P>>[]; nextCursor: string | null }>(
        'get',
        path,
        {
          ...given,
          query,
        },
      );
      yield* page.data;
      cursor = page.nextCursor;
    } while (cursor);
  }

  /** A list as a CSV file: all rows, not just one page. */
  async csv<P extends CsvPath & PathWith<'get'>>(
    path: P,
    ...[input]: Rest<Operation<'get', P>>
  ): Promise<string> {
    const given: LooseInput = input ?? {};
    const headers = { ...given.headers, accept: 'text/csv' };
    const response = await this.#send('get', path, { ...given, headers });
    return response.text();
  }

  /**
   * Server-sent events. When the connection breaks, the stream reconnects and continues after the last event, so that none is
   * missed. It ends after the event for which `isLast` returns true.
   * @throws Unavailable when it could not reconnect within `patienceMs`
   */
  async *stream<P extends StreamPath & PathWith<'get'>>(
    path: P,
    input: Input<Operation<'get', P>> & { since?: string },
    isLast: (event: StreamEvent<Operation<'get', P>>) => boolean = () => false,
  ): AsyncGenerator<StreamEvent<Operation<'get', P>>, void, undefined> {
    const given: LooseInput = input;
    let last = input.since;
    let connectedAt = Date.now();
    for (let failures = 0; ;) {
      try {
        const headers = {
          ...given.headers,
          accept: 'text/event-stream',
          ...(last && { 'last-event-id': last }),
        };
        const response = await this.#send('get', path, { ...given, headers });
        connectedAt = Date.now();
        for await (const { event = 'message', id, data } of eventsIn(response)) {
          connectedAt = Date.now();
          last = id ?? last;
          // It may break again at once: the pauses get longer.
          if (event === 'error') break;
          failures = 0;
          const parsed = { event, ...(id && { id }), data: JSON.parse(data) as unknown };
          const typed = parsed as StreamEvent<Operation<'get', P>>;
          yield typed;
          if (isLast(typed)) return;
        }
      } catch (error) {
        given.signal?.throwIfAborted();
        const broken = error instanceof Unavailable || error instanceof TypeError;
        if (!broken || Date.now() - connectedAt > (this.target.patienceMs ?? 300_000)) throw error;
      }
      failures += 1;
      await wait(pause(failures), given.signal);
    }
  }

  async #call<T>(method: Method, path: string, input: LooseInput | undefined): Promise<T> {
    const response = await this.#send(method, path, input ?? {});
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** @throws IsthmusError unless the response is a success */
  async #send(method: Method, path: string, input: LooseInput): Promise<Response> {
    const call = `${method.toUpperCase()} ${path}`;
    const facts: OperationFacts = operations[call as keyof typeof operations];
    const { token } = this.target;
    const bearer = typeof token === 'function' ? await token() : token;
    const { key = facts.key === 'needed' ? crypto.randomUUID() : undefined, version, signal, body } = input;
    const headers = {
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(facts.consumes && { 'content-type': facts.consumes }),
      ...(key && { 'idempotency-key': key }),
      ...(version !== undefined && { 'if-match': `"${version}"` }),
      ...input.headers,
    };
    const client = createFetchClient<Record<string, never>>({
      baseUrl: this.#address(facts.service),
      fetch: (request) => send(request, this.#options, signal),
    });
    const { response, error } = await client.request(
      method as never,
      path as never,
      {
        params: { path: input.path, query: input.query },
        headers,
        ...(body === undefined ? {} : { body }),
        ...(facts.consumes && { bodySerializer: (text: unknown) => text }),
        // The caller reads the body, because only the caller knows what it is.
        parseAs: 'stream',
      } as never,
    );
    if (response.ok) return response;
    throw errorFor(call, response.status, error);
  }

  #address(service: Service): string {
    const { baseUrl } = this.target;
    const address = typeof baseUrl === 'string' ? baseUrl : baseUrl[service];
    if (!address) throw new Error(`connect() was not given an address for ${service}. Add it to baseUrl.`);
    return address;
  }
}

interface ServerSentEvent {
  event?: string | undefined;
  id?: string | undefined;
  data: string;
}

async function* eventsIn({ body }: Response): AsyncGenerator<ServerSentEvent> {
  if (!body) return;
  const reader = body
    .pipeThrough(new TextDecoderStream() as never)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = (await reader.read()) as { done: boolean; value: ServerSentEvent };
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
