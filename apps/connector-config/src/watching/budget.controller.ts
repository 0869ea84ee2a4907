import { type BudgetUsage, type Lane, lanes, type LaneUsage, readBudget } from '@isthmus/cmp-client';
import { budgetStore } from '@isthmus/cmp-connections';
import { DomainError } from '@isthmus/domain';
import { NatsConnection } from '@isthmus/messaging';
import {
  Allow,
  CurrentUser,
  Describe,
  OrNull,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Controller, Get } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, ValidateNested } from 'class-validator';
import { requireConnector } from '../connectors/connector.store.ts';
import { CredentialVault } from '../credentials/credential-vault.service.ts';

const heldBackBys = ['closed', 'day', 'window', 'pace', 'lane-above'] as const satisfies NonNullable<
  LaneUsage['heldBackBy']
>[];

/** What is left for calls of one priority: orders come before people, people before syncs, syncs before scrubs. */
class LaneUsageView implements LaneUsage {
  @IsIn(lanes) lane!: Lane;
  /** Calls of the last 24 hours at which it stops, so that those before it still have some; null if there is no daily limit. */
  @OrNull() @IsInt() perDay!: number | null;
  /** What a call in this lane would have to wait for now; null if it could go. */
  @OrNull() @IsIn(heldBackBys) heldBackBy!: LaneUsage['heldBackBy'];
  /** Until when it would have to wait. */
  @OrNull() @IsISO8601() until!: string | null;
}

/**
 * How much of the call budget of a connector's subscription key is used, by all services together. Connectors with the same key
 * share it. How many calls wait is not recorded anywhere: it is known to each process for its own calls, and to a sync run.
 */
class BudgetUsageView implements BudgetUsage {
  @IsISO8601() asOf!: string;
  /** Calls per minute that we allow ourselves now; lower than the connector's limit after refusals. */
  @IsInt() perMinute!: number;
  /** The connector's limit; null if it is not known. */
  @OrNull() @IsInt() perDay!: number | null;
  @IsInt() usedLastMinute!: number;
  /** In the last 24 hours: it is unknown when CMP's day begins. */
  @IsInt() usedToday!: number;
  /** Calls of the last 24 hours that CMP refused because of its limits (HTTP 429, or its daily quota). */
  @IsInt() refusedToday!: number;
  /** CMP requested no calls until then; null if it may be called. */
  @OrNull() @IsISO8601() closedUntil!: string | null;
  /** When none of the calls counted now counts any more; null if there are none. */
  @OrNull() @IsISO8601() resetsAt!: string | null;
  @ValidateNested({ each: true }) @Type(() => LaneUsageView) lanes!: LaneUsageView[];
}

@Controller('v1/connectors/:id/budget')
export class BudgetController {
  readonly #budgets;

  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
    private readonly nats: NatsConnection,
  ) {
    this.#budgets = budgetStore(nats);
  }

  @Get()
  @Allow('viewer')
  @Describe(
    "The call budget of the connector's subscription key: limits, what is used, and what waits for what.",
    {
      returns: BudgetUsageView,
    },
  )
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<BudgetUsageView> {
    const { callLimit, subscriptionKey } = await this.store.read(tenantId, async (em) => {
      const connector = await requireConnector(em, id);
      const { subscriptionKey } = await this.vault.open(em, connector);
      return { callLimit: connector.callLimit, subscriptionKey };
    });
    if (!this.nats.connected) throw new BudgetUnknown(id);
    const assumptions = { callsPerMinute: callLimit.perMinute, callsPerDay: callLimit.perDay };
    try {
      const usage = await readBudget(subscriptionKey.reveal(), this.#budgets, { assumptions });
      return { asOf: new Date().toISOString(), ...usage };
    } catch (cause) {
      throw new BudgetUnknown(id, { cause });
    }
  }
}

/** NATS, where all services count their calls, did not respond. */
export class BudgetUnknown extends DomainError {
  static override readonly code = 'connector.budget-unknown';

  constructor(connectorId: string, options?: ErrorOptions) {
    super(`The call budget of connector ${connectorId} could not be read: NATS did not respond.`, {
      title: 'The call budget cannot be read at the moment',
      nextStep: 'Try again in a minute. While it lasts, no service calls CMP.',
      ...options,
    });
  }
}
