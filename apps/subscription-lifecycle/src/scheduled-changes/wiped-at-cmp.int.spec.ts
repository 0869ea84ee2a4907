import { randomUUID } from 'node:crypto';
import type { ProviderOrderSettledV1 } from '@isthmus/contracts';
import { inTenant } from '@isthmus/service-kit';
import { atRenewal, daysAhead, runSchedules, type Schedules } from '../../test/schedules.fixture.ts';
import { ProviderEvents } from '../subscriptions/provider.events.ts';

let schedules: Schedules;
beforeAll(async () => {
  schedules = await runSchedules();
});
afterAll(() => schedules.stop());

describe('what somebody wipes at CMP', () => {
  /** Seats changed in the control panel, beside us. */
  const changedThere = async (cmpSubscriptionId: string, seats: number) => {
    const { customerId, products } = await schedules.atCmp(cmpSubscriptionId);
    const { mpn, vendor, id } = products[0]!;
    const line = { mpn: mpn!, vendor: vendor!, id: id!, quantity: seats, subscriptionId: cmpSubscriptionId };
    const order = {
      type: 'change' as const,
      customerId,
      subscriptionId: cmpSubscriptionId,
      products: [line],
    };
    await schedules.cmp.orders.place(order as never);
  };
  /** The mirror has seen that CMP is done with an order. */
  const heardOf = async (orderId: string) => {
    const { cmpOrderId } = await schedules.read(orderId);
    const of = { connectorId: schedules.connectorId, cmpOrderId: cmpOrderId!, cmpAccountId: '1' };
    const news = { ...of, orderNumber: '', type: 'change', status: 'cancelled', asOf: daysAhead(0) };
    await schedules.service
      .get(ProviderEvents)
      .orderSettled(news as ProviderOrderSettledV1, schedules.message(randomUUID()));
  };

  it.each(['of a scheduled change', 'ordered without one'])('is proposed again, once: %s', async (origin) => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change =
      origin === 'of a scheduled change'
        ? await schedules.ordered(id, atRenewal(3), 'scheduled')
        : {
            id: null,
            orderId: (
              await schedules.order({
                kind: 'change-quantity',
                subscriptionId: id,
                seats: 3,
                when: 'renewal',
              })
            ).body.id as string,
          };
    await schedules.until(change.orderId, 'scheduled');
    await changedThere(cmpSubscriptionId, 6);
    await heardOf(change.orderId);
    const refused = await schedules.until(change.orderId, 'refused');
    expect(refused.reason!.code).toBe('cancelled-at-cmp');
    if (change.id) expect((await schedules.change(change.id)).status).toBe('wiped');
    const proposed = (await schedules.changesOf(id)).filter(
      ({ status }: { status: string }) => status === 'proposed',
    );
    expect(proposed).toMatchObject([{ seats: 3, at: 'renewal', insteadOfOrderId: change.orderId }]);
    expect(await schedules.takeOne()).toBe(false);
  });

  it('and is not proposed twice when somebody has it followed once more', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(id, atRenewal(3), 'scheduled');
    await changedThere(cmpSubscriptionId, 6);
    await heardOf(change.orderId);
    const { cmpOrderId } = await schedules.until(change.orderId, 'refused');
    const other = { cmpOrderId: 'other', cmpOrderNumber: null, status: 'processing', statusCode: 'AS' };
    await inTenant(schedules.tenantId, () =>
      schedules.store.recordLateResponse(change.orderId, { ...other, cmpSubscriptionId, createdAt: null }),
    );
    await schedules.until(change.orderId, 'needs-attention');
    const found = { outcome: 'found', cmpOrderId, reason: 'The other one is not there.' };
    await schedules.call('POST', `/v1/orders/${change.orderId}/resolve`, found);
    expect((await schedules.change(change.id)).status).toBe('ordered');
    await schedules.until(change.orderId, 'refused');
    expect(await schedules.told(change.id)).toEqual(['planned', 'ordered', 'wiped', 'ordered', 'wiped']);
    expect(await schedules.changesOf(id)).toHaveLength(2);
  });
});
