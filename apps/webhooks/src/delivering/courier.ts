import { GroupCommit } from '../persistence/group-commit.ts';
import type { DueDelivery, EndpointLease, Settlement, Standing, Target } from './attempt.ts';
import { AggregateLines } from './aggregate-lines.ts';
import { Nudge } from './nudge.ts';
import { PostStopped } from './post-webhook.ts';
import { Slots } from './slots.ts';

/** What a courier needs of the world. */
export interface CourierPorts {
  target(lease: EndpointLease): Promise<Target | undefined>;
  take(lease: EndpointLease, inHand: readonly string[], limit: number): Promise<DueDelivery[]>;
  /** Sends once; rejects with PostStopped when `stop` was aborted meanwhile. */
  send(lease: EndpointLease, target: Target, delivery: DueDelivery, stop: AbortSignal): Promise<Settlement>;
  settle(lease: EndpointLease, settlements: readonly Settlement[]): Promise<Standing>;
}

export interface CourierLimits {
  /** Requests under way to one endpoint. */
  perEndpoint: number;
  /** How often it looks for more while something is still under way. */
  pollMs: number;
}

/** Deliveries in hand at most: enough to keep the slots busy, few enough for memory to stay flat. */
const mostInHand = 100;

/** Delivers everything that is due to one endpoint, for as long as it has the lease. */
export class Courier {
  readonly #inHand = new Set<string>();
  readonly #lines = new AggregateLines();
  readonly #nudge = new Nudge();
  readonly #stop = new AbortController();
  readonly #slots: Slots;
  readonly #ledger: GroupCommit<Settlement, Standing>;
  #target!: Target;
  /** Nothing more is begun. */
  #ended = false;
  #failure?: Error;

  constructor(
    readonly lease: EndpointLease,
    private readonly ports: CourierPorts,
    private readonly limits: CourierLimits,
    /** Shared by all endpoints of the process. */
    private readonly allSlots: Slots,
  ) {
    this.#slots = new Slots(limits.perEndpoint);
    this.#ledger = new GroupCommit(async (settlements) => {
      const standing = await ports.settle(lease, settlements);
      return settlements.map(() => standing);
    });
  }

  /**
   * Resolves when nothing is due any more, or nothing more may be sent, and nothing is under way.
   * @throws whatever kept it from going on, such as LeaseLost
   */
  async deliverAll(): Promise<void> {
    try {
      while (!this.#ended) {
        const room = mostInHand - this.#inHand.size;
        const took = room >= mostInHand / 2 ? await this.#take(room) : 0;
        if (this.#inHand.size === 0) break;
        await this.#nudge.wait(took === room ? 60_000 : this.limits.pollMs);
      }
    } finally {
      this.#ended = true;
      await this.#lines.idle();
    }
    if (this.#failure) throw this.#failure;
  }

  /** There may be more to do. */
  wake(): void {
    this.#nudge.give();
  }

  /** Begins nothing more; what is under way comes to its end. */
  leave(): void {
    this.#ended = true;
    this.#nudge.give();
  }

  /** Gives up what is under way too; it will be sent again. */
  abandon(): void {
    this.leave();
    this.#stop.abort();
  }

  async #take(limit: number): Promise<number> {
    const taking = this.#lines.newTaking();
    const target = await this.ports.target(this.lease);
    if (!target) {
      this.#ended = true;
      return 0;
    }
    this.#target = target;
    this.#slots.allow(target.failing ? 1 : this.limits.perEndpoint);
    const due = await this.ports.take(this.lease, [...this.#inHand], limit);
    for (const delivery of due) {
      this.#inHand.add(delivery.id);
      this.#lines.add(delivery.aggregate, () => this.#deliver(delivery, taking));
    }
    return due.length;
  }

  async #deliver(delivery: DueDelivery, taking: number): Promise<void> {
    try {
      if (delivery.inOrder && this.#lines.isHeld(delivery.aggregate, taking)) return;
      const settlement = await this.#slots.run(() => this.allSlots.run(() => this.#send(delivery)));
      if (!settlement) return;
      const standing = await this.#ledger.add(settlement);
      if (settlement.verdict.outcome === 'pending') this.#lines.hold(delivery.aggregate);
      if (standing !== 'open') this.leave();
    } catch (error) {
      if (!(error instanceof PostStopped)) this.#failure ??= error as Error;
      this.leave();
    } finally {
      this.#inHand.delete(delivery.id);
      if (this.#inHand.size === 0 || this.#inHand.size === mostInHand / 2) this.#nudge.give();
    }
  }

  async #send(delivery: DueDelivery): Promise<Settlement | undefined> {
    if (this.#ended) return undefined;
    return this.ports.send(this.lease, this.#target, delivery, this.#stop.signal);
  }
}
