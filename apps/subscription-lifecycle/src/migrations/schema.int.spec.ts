import { keyRing, schemaDifferences } from '@isthmus/testing';
import { runLifecycle } from '../../test/lifecycle.fixture.ts';
import { orderStatuses } from '../orders/order-lifecycle.ts';
import { subscriptionLifecycle } from '../service.ts';

it('has tables that are exactly what the entities declare', async () => {
  expect(await schemaDifferences(subscriptionLifecycle, { SECRET_RING: keyRing('k1') })).toEqual({
    wrong: [],
    undeclared: [],
  });
});

it('has the tables of the entities, and takes every status of the life of an order and no other', async () => {
  const lifecycle = await runLifecycle();
  try {
    const id = await lifecycle.order({ kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: '2' });
    const put = (status: string) =>
      lifecycle.pool.query('update orders set status = $2 where id = $1', [id, status]);
    for (const status of orderStatuses) await put(status);
    await expect(put('lost')).rejects.toThrow('orders_status_check');
  } finally {
    await lifecycle.stop();
  }
});
