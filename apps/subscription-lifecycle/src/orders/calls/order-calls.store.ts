import type { CmpCall } from '@isthmus/cmp-client';
import { recordingCalls } from '@isthmus/cmp-connections';
import { acrossTenants, type CursorKey, inTenant } from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SubscriptionLifecycleEnv } from '../../config.ts';
import { fromNow, statements } from '../../tables.ts';
import type { ClaimedOrder } from '../protocol/ordering.ts';
import type { OrderCallRow } from './order-call.entity.ts';

/** In the order in which they were made; returns `limit + 1` rows if there are more pages. */
export const listOrderCalls = (
  em: EntityManager,
  tenantId: string,
  orderId: string,
  after: CursorKey | undefined,
  limit: number,
): Promise<OrderCallRow[]> =>
  statements(em)
    .selectFrom('OrderCall')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('orderId', '=', orderId)
    .$if(after !== undefined, (query) => query.where('id', '>', String(after![0])))
    .orderBy('id')
    .limit(limit + 1)
    .execute();

interface TimedCall extends CmpCall {
  at: Date;
}

/** Stores the calls to CMP of orders while they are made. An order never fails or waits because of it. */
@Injectable()
export class OrderCalls {
  readonly #log = new Logger(OrderCalls.name);

  constructor(private readonly orm: MikroORM) {}

  /** Does `work`, storing its calls: each soon after it has ended, all by the end of `work`. */
  async recording<T>(claimed: ClaimedOrder, work: () => Promise<T>): Promise<T> {
    const waiting: TimedCall[] = [];
    let writing: Promise<void> | undefined;
    const write = async (): Promise<void> => {
      while (waiting.length > 0) await this.#insert(claimed, waiting.splice(0));
      writing = undefined;
    };
    const record = (call: CmpCall): void => {
      waiting.push({ ...call, at: new Date(Date.now() - call.tookMs) });
      writing ??= write();
    };
    try {
      return await recordingCalls(record, work);
    } finally {
      await writing;
    }
  }

  async #insert({ tenantId, order }: ClaimedOrder, calls: readonly TimedCall[]): Promise<void> {
    const rows = calls.map((call) => ({
      tenantId,
      orderId: order.id,
      at: call.at,
      operation: call.operation,
      method: call.method,
      path: call.path,
      attempt: call.attempt,
      lane: call.lane,
      httpStatus: call.httpStatus ?? null,
      result: call.result,
      tookMs: Math.round(call.tookMs),
      waitedMs: Math.round(call.waitedMs),
      cmpCorrelationId: call.correlationId ?? null,
      response: call.kept ?? null,
    }));
    try {
      await inTenant(tenantId, () =>
        statements(this.orm.em.fork()).insertInto('OrderCall').values(rows).execute(),
      );
    } catch (error) {
      this.#log.warn(`${rows.length} calls to CMP of order ${order.id} could not be stored.`, error);
    }
  }
}

/** Deletes old calls, of all tenants. @returns how many */
export async function pruneOrderCalls(em: EntityManager, keepDays: number): Promise<number> {
  const { numDeletedRows } = await acrossTenants('delete old calls of orders', () =>
    statements(em)
      .deleteFrom('OrderCall')
      .where('at', '<', fromNow(-keepDays * 86_400))
      .executeTakeFirst(),
  );
  return Number(numDeletedRows);
}

/** Deletes old calls every hour; every replica may, the statement does not mind. */
@Injectable()
export class PruneOrderCalls implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(PruneOrderCalls.name);
  #timer?: NodeJS.Timeout;

  constructor(
    private readonly orm: MikroORM,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#prune(), 3_600_000);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #prune(): Promise<void> {
    try {
      await pruneOrderCalls(this.orm.em.fork(), this.env.ORDER_CALL_KEEP_DAYS);
    } catch (error) {
      this.#log.warn('Old calls of orders could not be deleted; retrying in an hour.', error);
    }
  }
}
