import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import {
  Allow,
  Audited,
  CurrentUser,
  Describe,
  IfGiven,
  Principal,
  Problem,
  QueryFlag,
  UuidParam,
  TenantStore,
} from '@isthmus/service-kit';
import { ApiKey } from '../api-keys/api-key.entity.ts';
import { ConnectorDependents } from '../connectors/dependents.service.ts';
import {
  auditConnector,
  auditedFields,
  emitRemoved,
  lockConnector,
  requireConnector,
} from '../connectors/connector.store.ts';
import { CredentialVault } from '../credentials/credential-vault.service.ts';
import { RemovalView, toRemovalView } from './removal.dto.ts';

class RemovalQuery {
  /** Confirmed, although something depends on it. */
  @IfGiven() @QueryFlag() confirm?: boolean;
  /** Even if orders are in progress at CMP, or a service could not be queried. */
  @IfGiven() @QueryFlag() force?: boolean;
}

/** Removing a connector ends everything that was read through it, so people first see what that is. */
@Controller('v1/connectors/:id')
export class RemovalController {
  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
    private readonly dependents: ConnectorDependents,
  ) {}

  @Get('removal')
  @Allow('viewer')
  @Describe(
    'The records that depend on the connector and would end with it, and the requirements for its removal.',
    {
      returns: RemovalView,
    },
  )
  async preview(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<RemovalView> {
    const apiKeys = await this.store.read(tenantId, async (em) => {
      await requireConnector(em, id);
      return em.count(ApiKey, { connectorId: id });
    });
    return toRemovalView(id, await this.dependents.count(tenantId, id), apiKeys);
  }

  @Delete()
  @Allow('admin')
  @HttpCode(204)
  @Describe(
    'Removes a connector. Its secrets and API keys are destroyed immediately; its records end in all services with the reason `connector-removed`, and nothing is cancelled at CMP. The connector is archived; if it is created again for the same account, it gets the same id.',
  )
  @Audited('connector.remove')
  async remove(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Query() { confirm = false, force = false }: RemovalQuery,
  ): Promise<void> {
    const { needs, ...removal } = await this.preview(user, id);
    if (!force) refuse({ needs, ...removal }, confirm);
    await this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const now = new Date();
      const before = auditedFields(connector);
      connector.remove(now);
      await this.vault.wipe(em, connector);
      const keys = await em.find(ApiKey, { connectorId: id }, { filters: { inForce: false } });
      for (const key of keys) key.destroy(now);
      await em.flush();
      emitRemoved(em, connector, user.subject, needs === 'force');
      await auditConnector(em, connector, 'remove', {
        before,
        also: { forced: needs === 'force', keysDestroyed: keys.map(({ id: keyId }) => keyId) },
      });
    });
  }
}

/** @throws Problem 503 or 409 with all counts */
function refuse(removal: RemovalView, confirm: boolean): void {
  const { connectorId, needs, notCounted, openOrders, nextStep } = removal;
  const problem = (status: number, type: string, title: string, detail: string) =>
    new Problem({ status, type, title, detail, nextStep, more: { removal } });
  if (notCounted.length > 0) {
    const detail = `It is unknown what depends on connector ${connectorId}: ${notCounted.join(' and ')} could not be reached.`;
    throw problem(503, 'connector.dependents-unknown', 'Not every service could be reached', detail);
  }
  if (needs === 'force' && openOrders) {
    const { sending, unknown, accepted } = openOrders;
    const detail = `Orders of connector ${connectorId} are in progress at CMP: ${sending} sending, ${unknown} unknown, ${accepted} accepted.`;
    throw problem(409, 'connector.orders-under-way', 'Orders are in progress', detail);
  }
  if (needs === 'confirm' && !confirm) {
    const detail = `Connector ${connectorId} is in use: ${inWords(removal)}.`;
    throw problem(409, 'connector.in-use', 'The connector is in use', detail);
  }
}

function inWords({ accounts, liveSubscriptions, links, contracts, mappings, apiKeys }: RemovalView): string {
  return [
    `${accounts ?? 0} accounts`,
    `${liveSubscriptions ?? 0} live subscriptions`,
    `${links ?? 0} links`,
    `${contracts ?? 0} billing contracts`,
    `${mappings ?? 0} mappings`,
    `${apiKeys} API keys`,
  ].join(', ');
}
