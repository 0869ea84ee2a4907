import {
  type Answer,
  ApiClient,
  type ConnectOptions,
  type Input,
  type Operation,
  type StreamEvent,
  type StreamPath,
} from './client.ts';
import type { EventData } from './generated/events.ts';
import { IsthmusError, StillGoingOn } from './problems.ts';

export type Connector = Answer<Operation<'get', '/v1/connectors/{id}'>>;
export type Verification = Answer<Operation<'post', '/v1/connectors/{id}/verify'>>;
export type SyncRun = Answer<Operation<'get', '/v1/sync-runs/{id}'>>;
export type CatalogSync = Answer<Operation<'get', '/v1/catalog-syncs/{id}'>>;
export type Order = Answer<Operation<'get', '/v1/orders/{id}'>>;
type PlaceOrder = Input<Operation<'post', '/v1/orders'>>['body'];

type AnyEvent = Extract<StreamEvent<Operation<'get', '/v1/events/stream'>>, { event: 'event' }>['data'];
/** An event of the platform; `type` tells what its data is. */
export type IsthmusEvent = {
  [T in keyof EventData]: Omit<AnyEvent, 'type' | 'data'> & {
    type: T;
    data: EventData[T];
  };
}[keyof EventData];

export interface WaitOptions {
  /** Ten minutes by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

interface CommandOptions {
  /** The same key for the same command, also after a restart: then it has no second effect. A new one by default. */
  key?: string;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** An order that ended in another status than `settled`, or that waits for a person. */
export class OrderNotSettled extends IsthmusError {
  override readonly name = 'OrderNotSettled';
  constructor(readonly order: Order) {
    const { id, status, reason } = order;
    super(
      `Order ${id} is ${status}. ${reason?.detail ?? ''} ${reason?.nextStep ?? ''}`.trim(),
      `order ${id}`,
    );
  }

  override get nextStep(): string | undefined {
    return this.order.reason?.nextStep;
  }
}

/** A run that did not succeed. */
export class RunNotSucceeded extends IsthmusError {
  override readonly name = 'RunNotSucceeded';
  constructor(readonly run: SyncRun | CatalogSync) {
    const { id, status, failure, waiting } = run;
    const why = failure ? `${failure.detail} ${failure.nextStep}` : (waiting?.reason ?? '');
    super(`Run ${id} is ${status}. ${why}`.trim(), `run ${id}`);
  }

  override get nextStep(): string | undefined {
    return this.run.failure?.nextStep;
  }
}

/** Resources with a progress stream, whose last event is called `finished`. */
class Followed<T extends { id: string; status: string }> {
  constructor(
    protected readonly api: ApiClient,
    private readonly path: StreamPath & `${string}/{id}/progress`,
  ) {}

  /** Its state now and after each change, until nothing more happens without a person. */
  async *follow(id: string, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<T, void, undefined> {
    const events = this.api.stream(
      this.path,
      { path: { id }, ...(signal && { signal }) } as never,
      (event) => event.event === 'finished',
    );
    for await (const { data } of events) yield data as unknown as T;
  }

  /**
   * Its final state, whatever that is.
   * @throws StillGoingOn after the time allowed
   */
  async ended(id: string, { timeoutMs = 600_000, signal }: WaitOptions = {}): Promise<T> {
    const late = AbortSignal.timeout(timeoutMs);
    let last: T | undefined;
    try {
      const until = signal ? AbortSignal.any([signal, late]) : late;
      for await (const seen of this.follow(id, { signal: until })) last = seen;
    } catch (error) {
      if (!late.aborted) throw error;
      const status = last ? ` It is ${last.status}.` : '';
      throw new StillGoingOn(
        `${id} has not ended within ${timeoutMs} ms.${status}`,
        `follow ${id}`,
        undefined,
        {
          cause: error,
        },
      );
    }
    return last!;
  }
}

class Orders extends Followed<Order> {
  constructor(api: ApiClient) {
    super(api, '/v1/orders/{id}/progress');
  }

  place(order: PlaceOrder, options: CommandOptions = {}): Promise<Order> {
    return this.api.post('/v1/orders', { body: order, ...options });
  }

  /**
   * The order, once a re-read of the subscription from CMP has confirmed its effect.
   * @throws OrderNotSettled if it ends in another status or needs a person; StillGoingOn after the time allowed
   */
  async settled(id: string, options?: WaitOptions): Promise<Order> {
    const order = await this.ended(id, options);
    if (order.status !== 'settled') throw new OrderNotSettled(order);
    return order;
  }
}

class Runs<T extends SyncRun | CatalogSync> extends Followed<T> {
  /**
   * The run, once it has succeeded.
   * @throws RunNotSucceeded if it ends in another status; StillGoingOn after the time allowed
   */
  async succeeded(id: string, options?: WaitOptions): Promise<T> {
    const run = await this.ended(id, options);
    if (run.status !== 'succeeded') throw new RunNotSucceeded(run);
    return run;
  }
}

class SyncRuns extends Runs<SyncRun> {
  constructor(api: ApiClient) {
    super(api, '/v1/sync-runs/{id}/progress');
  }

  start(
    run: Input<Operation<'post', '/v1/sync-runs'>>['body'],
    options: CommandOptions = {},
  ): Promise<Answer<Operation<'post', '/v1/sync-runs'>>> {
    return this.api.post('/v1/sync-runs', { body: run, ...options });
  }
}

class CatalogSyncs extends Runs<CatalogSync> {
  constructor(api: ApiClient) {
    super(api, '/v1/catalog-syncs/{id}/progress');
  }

  start(
    run: Input<Operation<'post', '/v1/catalog-syncs'>>['body'],
    options: CommandOptions = {},
  ): Promise<Answer<Operation<'post', '/v1/catalog-syncs'>>> {
    return this.api.post('/v1/catalog-syncs', { body: run, ...options });
  }
}

class Connectors {
  constructor(private readonly api: ApiClient) {}

  /** Verify Connectivity: each check with its result, and what to do about those that failed. */
  verify(id: string): Promise<Verification> {
    return this.api.post('/v1/connectors/{id}/verify', { path: { id }, body: {} });
  }
}

interface EventStreamOptions {
  /** Only these types; all by default. */
  types?: readonly (keyof EventData)[];
  /** `sequence` of the last event that was received; only new ones by default. */
  since?: number;
  signal?: AbortSignal;
}

class Events {
  constructor(private readonly api: ApiClient) {}

  /** The tenant's events as they arrive. After a break the stream continues with the next one. */
  async *stream({ types, since, signal }: EventStreamOptions = {}): AsyncGenerator<
    IsthmusEvent,
    void,
    undefined
  > {
    const events = this.api.stream('/v1/events/stream', {
      ...(types && { query: { type: [...types] } }),
      ...(since !== undefined && { since: String(since) }),
      ...(signal && { signal }),
    });
    for await (const { event, data } of events) if (event === 'event') yield data as IsthmusEvent;
  }
}

/** The whole API, and what takes more than one call. */
export class Isthmus extends ApiClient {
  readonly connectors = new Connectors(this);
  readonly syncRuns = new SyncRuns(this);
  readonly catalogSyncs = new CatalogSyncs(this);
  readonly orders = new Orders(this);
  readonly events = new Events(this);
}

/** Nothing is sent yet. */
export const connect = (options: ConnectOptions): Isthmus => new Isthmus(options);
