import { OrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, IsUUID, ValidateNested } from 'class-validator';
import { type Dependents, servicesNotCounted } from '../connectors/dependents.service.ts';

/** Open orders by how far they are. */
class OpenOrdersView {
  /** Never sent to CMP; refused by a removal. */
  @IsInt() planned!: number;
  @IsInt() sending!: number;
  /** At CMP or not: it is not known yet. */
  @IsInt() unknown!: number;
  /** At CMP, and not proved yet. */
  @IsInt() accepted!: number;
  @IsInt() needingAttention!: number;
}

const removalNeeds = ['nothing', 'confirm', 'force'] as const;

/** The records that depend on a connector, and what its removal requires. A count is null if its service could not be queried. */
export class RemovalView {
  @IsUUID() connectorId!: string;
  @OrNull() @IsInt() accounts!: number | null;
  /** Accounts linked to a tenant account. */
  @OrNull() @IsInt() links!: number | null;
  /** Billing contracts of the linked tenant accounts. */
  @OrNull() @IsInt() contracts!: number | null;
  @OrNull() @IsInt() liveSubscriptions!: number | null;
  @OrNull() @IsInt() scheduledChanges!: number | null;
  @OrNull() @ValidateNested() @Type(() => OpenOrdersView) openOrders!: OpenOrdersView | null;
  @OrNull() @IsInt() openRuns!: number | null;
  @OrNull() @IsInt() products!: number | null;
  /** Active mappings of part numbers. */
  @OrNull() @IsInt() mappings!: number | null;
  @IsInt() apiKeys!: number;
  /** Services that could not be queried. */
  @IsString({ each: true }) notCounted!: string[];
  /** `confirm`: something depends on it. `force`: orders are in progress at CMP, or a service could not be queried. */
  @IsIn(removalNeeds) needs!: (typeof removalNeeds)[number];
  @IsString() nextStep!: string;
}

export function toRemovalView(connectorId: string, dependents: Dependents, apiKeys: number): RemovalView {
  const { accounts, catalog, lifecycle } = dependents;
  const notCounted = servicesNotCounted(dependents);
  const openOrders = lifecycle && {
    planned: lifecycle.ordersPlanned,
    sending: lifecycle.ordersSending,
    unknown: lifecycle.ordersUnknown,
    accepted: lifecycle.ordersAccepted,
    needingAttention: lifecycle.ordersNeedingAttention,
  };
  const counts = {
    accounts: accounts?.accounts ?? null,
    links: accounts?.links ?? null,
    contracts: accounts?.contracts ?? null,
    // The mirror and the agreed state may differ while events are in transit.
    liveSubscriptions:
      accounts || lifecycle
        ? Math.max(accounts?.liveSubscriptions ?? 0, lifecycle?.liveSubscriptions ?? 0)
        : null,
    scheduledChanges: lifecycle?.scheduledChanges ?? null,
    openRuns: accounts || catalog?.openRuns ? (accounts?.openRuns ?? 0) + (catalog?.openRuns ?? 0) : null,
    products: catalog?.products ?? null,
    mappings: catalog?.mappings ?? null,
  };
  const underWay = openOrders ? openOrders.sending + openOrders.unknown + openOrders.accepted : 0;
  const depends = [...Object.values(counts), ...Object.values(openOrders ?? {}), apiKeys].some(Boolean);
  const needs = notCounted.length > 0 || underWay > 0 ? 'force' : depends ? 'confirm' : 'nothing';
  const remove = `DELETE /v1/connectors/${connectorId}`;
  const nextStep = {
    nothing: `Remove it with ${remove}.`,
    confirm: `If all of this may end, repeat ${remove} with ?confirm=true. Nothing is cancelled at CMP.`,
    force:
      underWay > 0
        ? `Wait until its ${underWay} orders in progress are settled, or repeat ${remove} with ?force=true: they are then escalated and have to be checked manually at CMP.`
        : `Try again when ${notCounted.join(' and ')} can be reached, or repeat ${remove} with ?force=true.`,
  }[needs];
  return { connectorId, ...counts, openOrders, apiKeys, notCounted, needs, nextStep };
}
