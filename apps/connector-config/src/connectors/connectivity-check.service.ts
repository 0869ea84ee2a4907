import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CallBudget, probeConnection, type BudgetStore, type ProbeStep } from '@isthmus/cmp-client';
import { budgetStore } from '@isthmus/cmp-connections';
import { NatsConnection } from '@isthmus/messaging';
import { outboundDispatcher, outboundRules } from '@isthmus/service-kit';
import { ConnectorConfigEnv } from '../config.ts';
import type { Connector } from './connector.entity.ts';
import type { Verification, VerificationStep } from './connector.ts';

/** Implements Verify Connectivity: checks whether CMP accepts the credentials, and if not, why. */
@Injectable()
export class ConnectivityCheck implements OnModuleDestroy {
  readonly #dispatcher;
  readonly #deadlineMs: number;
  readonly #budgets: BudgetStore;

  constructor(
    env: ConnectorConfigEnv,
    private readonly nats: NatsConnection,
  ) {
    this.#deadlineMs = env.VERIFY_DEADLINE_MS;
    this.#budgets = budgetStore(nats);
    this.#dispatcher = outboundDispatcher({
      ...outboundRules(env),
      connectTimeoutMs: env.VERIFY_DEADLINE_MS,
    });
  }

  /** Stops at the first step that fails. Ends within the deadline. The promise is never rejected because of CMP's behaviour. */
  async run(
    connector: Connector,
    { password, subscriptionKey }: { password: string; subscriptionKey: string },
  ): Promise<Verification> {
    const { id: connectorId, apiUrl, username, marketplace, accountId, currency } = connector;
    const where = { connectorId, apiUrl, marketplace, accountId, currency };
    const connection = { ...where, username, password, subscriptionKey };
    const steps: VerificationStep[] = [];
    const options = { dispatcher: this.#dispatcher, deadlineMs: this.#deadlineMs };
    const budget = this.#budgetOf(connector, subscriptionKey);
    for await (const step of probeConnection(connection, { ...options, budget }))
      steps.push(attribute(connector, step));
    return { ok: steps.every(({ ok }) => ok), steps, checkedAt: new Date().toISOString() };
  }

  async onModuleDestroy(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  /**
   * The key's budget that all services share. While NATS is unavailable none of them can claim a call, so the four calls of
   * a verification may be counted locally.
   */
  #budgetOf({ callLimit }: Connector, subscriptionKey: string): CallBudget {
    const assumptions = { callsPerMinute: callLimit.perMinute, callsPerDay: callLimit.perDay };
    return this.nats.connected
      ? CallBudget.of(subscriptionKey, this.#budgets, { assumptions })
      : CallBudget.local({ assumptions });
  }
}

/** If the marketplace was derived from the country, reports the country as the field to correct. */
function attribute(
  { marketplaceChosen, marketplace, country }: Connector,
  step: ProbeStep,
): VerificationStep {
  if (step.field !== 'marketplace' || marketplaceChosen) return step;
  const mend =
    `Check the country: the marketplace of ${country} is "${marketplace}". If the country is right, give "marketplace": ` +
    'the code in the address of your control panel, us for cp.us.na.cloud.im.';
  return { ...step, field: 'country', mend };
}
