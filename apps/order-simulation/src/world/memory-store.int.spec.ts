import { VirtualClock } from '@isthmus/domain';
import { inTenant } from '@isthmus/service-kit';
import {
  type OrderRecord,
  type OrderSpec,
  transition,
} from '@isthmus/subscription-lifecycle/orders/order.ts';
import { LeaseLost, type OrderStore } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { type Lifecycle, runLifecycle } from '@isthmus/subscription-lifecycle/test/lifecycle.fixture.ts';
import { MemoryStore } from './memory-store.ts';

/** A store with what a test has to do around it: the same rules for the one of the service and the one of the simulation. */
interface Bench {
  store: OrderStore;
  accept(spec: OrderSpec): Promise<string>;
  /** Time passes beyond every lease. */
  expireLeases(): Promise<void>;
  read(id: string): Promise<OrderRecord>;
  now(): number;
}

let lifecycle: Lifecycle;
beforeAll(async () => {
  lifecycle = await runLifecycle();
});
afterAll(() => lifecycle.stop());

const benches: Record<string, () => Promise<Bench>> = {
  async 'in PostgreSQL'() {
    await lifecycle.pool.query('truncate orders cascade');
    return {
      store: lifecycle.store,
      accept: (spec) => lifecycle.order(spec),
      expireLeases: async () => {
        await lifecycle.pool.query(
          "update orders set leased_until = now() - interval '1 second' where leased_until is not null",
        );
      },
      read: (id) => lifecycle.read(id),
      now: Date.now,
    };
  },
  async 'in memory, for the simulation'() {
    const clock = new VirtualClock();
    const store = new MemoryStore(clock, 1);
    return {
      store,
      accept: async (spec) => store.insert(spec),
      expireLeases: () => clock.advance(3_600_000),
      read: async (id) => store.rows.get(id)!.order,
      now: () => clock.now(),
    };
  },
};

const cancel = (cmpSubscriptionId: string): OrderSpec => ({
  kind: 'cancel',
  cmpAccountId: '1',
  cmpSubscriptionId,
});
const seen = {
  cmpOrderId: '9',
  cmpOrderNumber: null,
  status: 'submitted',
  statusCode: null,
  cmpSubscriptionId: null,
  createdAt: null,
};

describe.each(Object.keys(benches))('orders %s', (where) => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await benches[where]!();
  });

  it('are held by one worker at a time', async () => {
    const id = await bench.accept(cancel('a'));
    expect((await bench.store.claimDue('one'))!.order.id).toBe(id);
    expect(await bench.store.claimDue('two')).toBeNull();
  });

  it('come one after the other within a queue, and beside each other in different ones', async () => {
    const [first, , other] = [
      await bench.accept(cancel('a')),
      await bench.accept(cancel('a')),
      await bench.accept(cancel('b')),
    ];
    const claimed = [
      await bench.store.claimDue('one'),
      await bench.store.claimDue('two'),
      await bench.store.claimDue('three'),
    ];
    expect(claimed.map((one) => one?.order.id ?? null)).toEqual([first, other, null]);
    await bench.store.save(claimed[0]!, transition(claimed[0]!.order, 'withdraw', bench.now()));
    expect((await bench.store.claimDue('three'))!.order.spec).toEqual(cancel('a'));
  });

  it('refuse what a worker writes that has lost its lease to another', async () => {
    const id = await bench.accept(cancel('a'));
    const stopped = (await bench.store.claimDue('one'))!;
    await bench.expireLeases();
    const successor = (await bench.store.claimDue('two'))!;
    expect(successor.fence).toBeGreaterThan(stopped.fence);
    await expect(
      bench.store.save(stopped, transition(stopped.order, 'withdraw', bench.now())),
    ).rejects.toThrow(LeaseLost);
    expect((await bench.read(id)).status).toBe('planned');
    await bench.store.save(successor, transition(successor.order, 'send', bench.now()));
  });

  it('refuse what a worker writes that has not seen a late answer, and are due at once because of it', async () => {
    const id = await bench.accept(cancel('a'));
    const claimed = (await bench.store.claimDue('one'))!;
    await inTenant(claimed.tenantId, () => bench.store.recordLateResponse(id, seen));
    await expect(bench.store.save(claimed, transition(claimed.order, 'send', bench.now()))).rejects.toThrow(
      LeaseLost,
    );
    await bench.store.release(claimed);
    expect((await bench.store.claimDue('two'))!.order.lateAnswer).toEqual(seen);
  });

  it('are not due before their time, and never once they are over', async () => {
    await bench.accept(cancel('a'));
    const claimed = (await bench.store.claimDue('one'))!;
    const later = await bench.store.save(claimed, { ...claimed.order, nextStepAt: bench.now() + 86_400_000 });
    await bench.store.release(later);
    expect(await bench.store.claimDue('one')).toBeNull();
    await inTenant(claimed.tenantId, () => bench.store.recordLateResponse(claimed.order.id, seen));
    const again = (await bench.store.claimDue('one'))!;
    const over = await bench.store.save(again, {
      ...transition(again.order, 'withdraw', bench.now()),
      lateAnswer: null,
    });
    await bench.store.release(over);
    expect(await bench.store.claimDue('one')).toBeNull();
  });

  it('remember the longest time that CMP took', async () => {
    await bench.accept(cancel('a'));
    const claimed = (await bench.store.claimDue('one'))!;
    const shown = await bench.store.save(claimed, claimed.order, { shownAfter: 70_000 });
    expect(shown.longestSeen).toBeGreaterThanOrEqual(70_000);
    await bench.store.save(shown, claimed.order, { shownAfter: 10 });
    await bench.expireLeases();
    expect((await bench.store.claimDue('two'))!.longestSeen).toBeGreaterThanOrEqual(70_000);
  });
});
