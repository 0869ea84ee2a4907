import { schemaDrift } from '@isthmus/service-kit';
import { MikroORM } from '@mikro-orm/postgresql';
import { runLifecycle } from '../../test/lifecycle.fixture.ts';
import { orderStatuses } from '../orders/order-lifecycle.ts';

it('has the tables of the entities, and takes every status of the life of an order and no other', async () => {
  const lifecycle = await runLifecycle();
  try {
    const drift = await schemaDrift(lifecycle.service.get(MikroORM));
    expect(drift.split(';').filter((one) => /\b(create table|add column)\b/.test(one))).toEqual([]);
    const id = await lifecycle.order({ kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: '2' });
    const put = (status: string) =>
      lifecycle.pool.query('update orders set status = $2 where id = $1', [id, status]);
    for (const status of orderStatuses) await put(status);
    await expect(put('lost')).rejects.toThrow('orders_status_check');
  } finally {
    await lifecycle.stop();
  }
});
