import type { RequestEntry } from '../control/records.ts';
import type { AccountOptions } from '../simulator-options.ts';
import { faultKinds } from './fault-kinds.ts';

/** Which calls a fault waits for; what is left out matches everything. */
export interface FaultMatch {
  method?: string | undefined;
  /** A regular expression on the path without the marketplace prefix, such as `^/orders`. */
  path?: string | undefined;
  /** A regular expression on the query and the body, both as JSON: what distinguishes two orders. */
  content?: string | undefined;
  /** Marketplace code or username. */
  account?: string | undefined;
}

/** A requested fault; further members are the parameters of its kind. */
export interface FaultOrder {
  kind: keyof typeof faultKinds;
  match?: FaultMatch | undefined;
  /** How many calls it hits: default 1, null for all. */
  times?: number | null | undefined;
  /** How many matching calls it lets pass first. */
  after?: number | undefined;
  [parameter: string]: unknown;
}

/** A fault that waits for its calls. */
export interface ArmedFault {
  id: number;
  order: FaultOrder;
  seen: number;
  applied: number;
}

/** The faults that were ordered, and how often each has struck. */
export class FaultBook {
  armed: ArmedFault[] = [];
  private nextId = 1;

  /** Throws a RangeError for an unknown kind or an unreadable pattern. */
  arm(order: FaultOrder): ArmedFault {
    if (!Object.hasOwn(faultKinds, order.kind))
      throw new RangeError(
        `"${order.kind}" is not a kind of fault. Known: ${Object.keys(faultKinds).join(', ')}.`,
      );
    for (const pattern of [order.match?.path ?? '', order.match?.content ?? ''])
      try {
        new RegExp(pattern);
      } catch (cause) {
        throw new RangeError(`"${pattern}" is not a regular expression.`, { cause });
      }
    const fault = { id: this.nextId++, order, seen: 0, applied: 0 };
    this.armed.push(fault);
    return fault;
  }

  /** Removes one fault, or all. Returns how many there were. */
  clear(id?: number): number {
    const before = this.armed.length;
    this.armed = id === undefined ? [] : this.armed.filter((fault) => fault.id !== id);
    return before - this.armed.length;
  }

  /** Whether the fault with these parameters has not been cleared yet. */
  holds(order: object): boolean {
    return this.armed.some((fault) => fault.order === order);
  }

  /** The faults that strike this call; each counts it. */
  strike(
    { account, entry }: { account: { options: AccountOptions }; entry: RequestEntry },
    body: unknown,
  ): ArmedFault[] {
    return this.armed.filter((fault) => {
      const { match = {}, times = 1, after = 0 } = fault.order;
      if (match.method && match.method.toUpperCase() !== entry.method) return false;
      if (match.path && !new RegExp(match.path).test(entry.path)) return false;
      if (match.content && !new RegExp(match.content).test(JSON.stringify([entry.query, body ?? null])))
        return false;
      if (
        match.account &&
        match.account !== account.options.marketplace &&
        match.account !== account.options.username
      )
        return false;
      if (++fault.seen <= after || (times !== null && fault.applied >= times)) return false;
      fault.applied++;
      return true;
    });
  }
}
