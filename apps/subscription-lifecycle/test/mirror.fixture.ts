import { randomUUID } from 'node:crypto';
import type {
  ProviderOrderSettledV1,
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { AccountEvents, ConnectorEvents } from '../src/accounts/accounts.events.ts';
import { ProviderEvents } from '../src/subscriptions/provider.events.ts';
import type { Lifecycle } from './lifecycle.fixture.ts';

export const nce = 'CFQ7TTC0LH16:0001';
export const legacy = 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL';
export const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

/** What differs from ten seats of a subscription that is a hundred days old. */
type News = { seats?: number; mpn?: string } & Partial<ProviderSubscriptionChangedV1>;

/** What account-sync tells, as its events bring it. */
export function mirrored({
  service,
  tenantId,
  connectorId,
}: Pick<Lifecycle, 'service' | 'tenantId' | 'connectorId'>) {
  const message = (id: string, version: number) =>
    new Message('x', {
      id: randomUUID(),
      subject: id,
      tenantId,
      correlationId: 'sync',
      aggregateVersion: version,
      time: daysAgo(0),
    });
  const news = (id: string, { seats = 10, mpn = nce, ...more }: News = {}) =>
    ({
      connectorId,
      providerSubscriptionId: id,
      cmpSubscriptionId: `s${id}`,
      cmpAccountId: '1',
      name: 'Basic',
      status: 'active',
      autoRenew: true,
      creationDate: daysAgo(100),
      renewalDate: daysAgo(-265),
      quantityKnown: true,
      lines: [{ mpn, vendor: 'MICROSOFT', productId: 'P1', name: 'Basic', quantity: seats }],
      asOf: daysAgo(3),
      ...more,
    }) as ProviderSubscriptionAppearedV1;

  return {
    /** A subscription appears; answers its id. */
    async subscription(more: News = {}, id: string = randomUUID(), version = 1): Promise<string> {
      await service.get(ProviderEvents).subscriptionAppeared(news(id, more), message(id, version));
      return id;
    },
    async subscriptionChanged(id: string, version: number, more: News = {}) {
      await service
        .get(ProviderEvents)
        .subscriptionChanged(news(id, more) as ProviderSubscriptionChangedV1, message(id, version));
    },
    async subscriptionEnded(id: string, version: number, more: Partial<ProviderSubscriptionEndedV1> = {}) {
      const { cmpSubscriptionId, cmpAccountId } = news(id);
      const end = { connectorId, providerSubscriptionId: id, cmpSubscriptionId, cmpAccountId };
      const last = { status: 'terminated', reason: 'terminated', asOf: daysAgo(1) } as const;
      await service.get(ProviderEvents).subscriptionEnded({ ...end, ...last, ...more }, message(id, version));
    },
    /** The connector is removed, or set up again under the same id. */
    async connector(news: 'removed' | 'created', version: number) {
      await service
        .get(ConnectorEvents)
        [news]({ connectorId, name: 'Ingram', by: 'ann' } as never, message(connectorId, version));
    },
    /** CMP has completed an order about a subscription, by our id; `seats` are those that it adds. */
    async order(
      id: string,
      createdAt: string,
      {
        seats,
        version = 1,
        ...more
      }: { seats?: number; version?: number } & Partial<ProviderOrderSettledV1> = {},
    ): Promise<string> {
      const { cmpOrderId = randomUUID() } = more;
      const lines = seats === undefined ? [] : [{ mpn: nce, productId: 'P1', quantity: seats }];
      const of = { connectorId, cmpOrderId, orderNumber: `CH${cmpOrderId.slice(0, 6)}`, cmpAccountId: '1' };
      const done = { type: 'change', status: 'completed', cmpSubscriptionId: `s${id}`, asOf: daysAgo(0) };
      const news: ProviderOrderSettledV1 = { ...of, ...done, createdAt, lines, ...more };
      await service.get(ProviderEvents).orderSettled(news, message(cmpOrderId, version));
      return cmpOrderId;
    },
    /** A provider account appears, linked to a tenant account; answers its id. */
    async account(cmpAccountId: string, tenantAccountId: string, name = 'Fabrikam'): Promise<string> {
      const providerAccountId = await this.accountAppears(cmpAccountId, { name });
      await this.link(providerAccountId, tenantAccountId);
      return providerAccountId;
    },
    async accountAppears(
      cmpAccountId: string,
      more: object = {},
      id: string = randomUUID(),
    ): Promise<string> {
      const account = {
        providerAccountId: id,
        connectorId,
        cmpAccountId,
        status: 'active',
        name: 'Fabrikam',
      };
      await service.get(AccountEvents).accountAppeared({ ...account, ...more } as never, message(id, 1));
      return id;
    },
    async link(providerAccountId: string, tenantAccountId: string | null, version = 1) {
      const news = { providerAccountId, tenantAccountId, by: 'ann' } as never;
      const of = message(providerAccountId, version);
      if (tenantAccountId === null) await service.get(AccountEvents).accountUnlinked(news, of);
      else await service.get(AccountEvents).accountLinked(news, of);
    },
    /** A billing contract of a tenant account; answers its id. */
    async contract(tenantAccountId: string, isDefault = false): Promise<string> {
      const billingContractId = randomUUID();
      await service
        .get(AccountEvents)
        .contractCreated(
          { billingContractId, tenantAccountId, isDefault } as never,
          message(billingContractId, 1),
        );
      return billingContractId;
    },
    async contractChanged(
      billingContractId: string,
      version: number,
      more: { tenantAccountId: string; isDefault: boolean },
    ) {
      await service
        .get(AccountEvents)
        .contractChanged({ billingContractId, ...more } as never, message(billingContractId, version));
    },
  };
}
