import { KeyedQueue, Semaphore, WakeSignal } from '@isthmus/messaging';
import {
  SendAborted,
  type DueDelivery,
  type EndpointLease,
  type AttemptOutcome,
  type EndpointState,
  type Target,
} from './attempt.ts';
import { GroupCommit } from '../group-commit.ts';

/** The I/O of a dispatcher: reading, sending and writing. */
export interface DispatcherPorts {
  target(lease: EndpointLease): Promise<Target | undefined>;
  take(lease: EndpointLease, inFlight: readonly string[], limit: number): Promise<DueDelivery[]>;
  /** Sends once; rejects with SendAborted when `stop` was aborted meanwhile. */
  send(target: Target, delivery: DueDelivery, stop: AbortSignal): Promise<AttemptOutcome>;
  recordOutcomes(lease: EndpointLease, outcomes: readonly AttemptOutcome[]): Promise<EndpointState>;
}

interface DispatcherLimits {
  /** Requests in progress to one endpoint. */
  perEndpoint: number;
  /** Interval at which it polls for more while requests are in progress. */
  pollMs: number;
}

/** Maximum number of in-flight deliveries: enough to keep all requests busy, few enough to keep memory constant. */
const maxInFlight = 100;

/** Delivers everything that is due to one endpoint, for as long as it has the lease. */
export class EndpointDispatcher {
  readonly #inFlight = new Set<string>();
  readonly #queue = new KeyedQueue();
  readonly #holds = new Holds();
  readonly #signal = new WakeSignal();
  readonly #stop = new AbortController();
  readonly #requests: Semaphore;
  readonly #outcomes: GroupCommit<AttemptOutcome, EndpointState>;
  #target!: Target;
  /** Nothing more is begun. */
  #ended = false;
  #failure?: Error;

  constructor(
    readonly lease: EndpointLease,
    private readonly ports: DispatcherPorts,
    private readonly limits: DispatcherLimits,
    /** Shared by all endpoints of the process. */
    private readonly allRequests: Semaphore,
  ) {
    this.#requests = new Semaphore(limits.perEndpoint);
    this.#outcomes = new GroupCommit(async (outcomes) => {
      const state = await ports.recordOutcomes(lease, outcomes);
      return outcomes.map(() => state);
    });
  }

  /**
   * Resolves when nothing is due any more, or nothing more may be sent, and nothing is in progress.
   * @throws the error that prevented it from continuing, such as LeaseLost
   */
  async deliverAll(): Promise<void> {
    try {
      while (!this.#ended) {
        const room = maxInFlight - this.#inFlight.size;
        const took = room >= maxInFlight / 2 ? await this.#take(room) : 0;
        if (this.#inFlight.size === 0) break;
        await this.#signal.wait(took === room ? 60_000 : this.limits.pollMs);
      }
    } finally {
      this.#ended = true;
      await this.#queue.idle();
    }
    if (this.#failure) throw this.#failure;
  }

  /** There may be more to do. */
  wake(): void {
    this.#signal.wake();
  }

  /** Starts nothing more; deliveries in progress finish. */
  drain(): void {
    this.#ended = true;
    this.#signal.wake();
  }

  /** Also aborts deliveries in progress; they will be sent again. */
  abort(): void {
    this.drain();
    this.#stop.abort();
  }

  async #take(limit: number): Promise<number> {
    const read = this.#holds.startRead();
    const target = await this.ports.target(this.lease);
    if (!target) {
      this.#ended = true;
      return 0;
    }
    this.#target = target;
    this.#requests.setLimit(target.failing ? 1 : this.limits.perEndpoint);
    const due = await this.ports.take(this.lease, [...this.#inFlight], limit);
    for (const delivery of due) {
      this.#inFlight.add(delivery.id);
      void this.#queue.add(delivery.aggregate, () => this.#deliver(delivery, read));
    }
    return due.length;
  }

  async #deliver(delivery: DueDelivery, read: number): Promise<void> {
    try {
      if (delivery.inOrder && this.#holds.isHeld(delivery.aggregate, read)) return;
      const outcome = await this.#requests.run(() => this.allRequests.run(() => this.#send(delivery)));
      if (!outcome) return;
      const state = await this.#outcomes.add(outcome);
      if (outcome.decision.outcome === 'pending') this.#holds.hold(delivery.aggregate);
      if (state !== 'open') this.drain();
    } catch (error) {
      if (!(error instanceof SendAborted)) this.#failure ??= error as Error;
      this.drain();
    } finally {
      this.#inFlight.delete(delivery.id);
      if (this.#inFlight.size === 0 || this.#inFlight.size === maxInFlight / 2) this.#signal.wake();
    }
  }

  async #send(delivery: DueDelivery): Promise<AttemptOutcome | undefined> {
    if (this.#ended) return undefined;
    return this.ports.send(this.#target, delivery, this.#stop.signal);
  }
}

/**
 * The blocked aggregates: deliveries read before one of theirs failed must stay behind it, and are skipped until they are read
 * again.
 */
class Holds {
  readonly #heldSince = new Map<string, number>();
  #reads = 0;

  /** Must be called before a read of the store; returns the number of the read. */
  startRead(): number {
    return (this.#reads += 1);
  }

  /** Contains what any read up to now has returned: the store may have been read before the failure was written. */
  hold(aggregate: string): void {
    this.#heldSince.set(aggregate, this.#reads);
  }

  isHeld(aggregate: string, read: number): boolean {
    return read <= (this.#heldSince.get(aggregate) ?? 0);
  }
}
