import { Injectable, Optional } from '@nestjs/common';
import { CallBudget, CmpClient, defaultAssumptions, type CmpCall, type Lane } from '@isthmus/cmp-client';
import { OpenConnector, PauseConnector, type OpenedConnector } from '@isthmus/contracts';
import { AskRefused, Asker, budgetStore, NatsConnection } from '@isthmus/messaging';
import {
  attributes,
  counter,
  histogram,
  KeyRing,
  open,
  outboundDispatcher,
  ServiceEnv,
} from '@isthmus/service-kit';
import { countCall } from '../runs/call-counter.ts';
import type { OpenedCmp } from '../runs/run-executor.ts';
import type { RunFailure } from '../runs/run-report.ts';
import { ConnectorNotUsable } from '../runs/sync.errors.ts';

interface ConnectorOf {
  tenantId: string;
  connectorId: string;
}

interface Connection {
  /** Everything the connection was made from; another fingerprint means that the connector was edited. */
  fingerprint: string;
  client: CmpClient;
  budget: CallBudget;
}

const calls = counter('isthmus.cmp.calls');
const duration = histogram('isthmus.cmp.call.duration');
const waited = histogram('isthmus.cmp.budget.wait');

/** What a service knows of its CMPs beyond what everybody assumes. */
export class CmpSettings {
  /** Added to `CmpAssumptions.clearRefusals`. */
  clearRefusals: readonly string[] = [];
}

/** This process's connections to CMP: one client and token per connector, made anew when connector-config's answer changes. */
@Injectable()
export class CmpConnections {
  readonly #connections = new Map<string, Connection>();
  readonly #dispatcher;
  readonly #store;

  constructor(
    private readonly asker: Asker,
    private readonly ring: KeyRing,
    nats: NatsConnection,
    env: ServiceEnv,
    @Optional() private readonly settings: CmpSettings = new CmpSettings(),
  ) {
    this.#store = budgetStore(nats);
    this.#dispatcher = outboundDispatcher({ allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === 'yes' });
  }

  /**
   * The connector's client in one of the lanes of its budget.
   * @throws ConnectorNotUsable when the connector is paused or gone
   */
  async open({ tenantId, connectorId }: ConnectorOf, lane: Lane): Promise<OpenedCmp> {
    const answer = await this.#ask(tenantId, connectorId);
    if (answer.status === 'paused') {
      throw new ConnectorNotUsable(connectorId, 'it is paused', 'Resume the connector.', { paused: true });
    }
    const fingerprint = JSON.stringify(answer);
    let connection = this.#connections.get(connectorId);
    if (connection?.fingerprint !== fingerprint) {
      connection = this.#connect(tenantId, answer, fingerprint);
      this.#connections.set(connectorId, connection);
    }
    const { client, budget } = connection;
    const { partnerAttestation } = answer;
    return { client: client.inLane(lane), budgetState: () => budget.state(), partnerAttestation };
  }

  async pause({ tenantId, connectorId }: ConnectorOf, failure: RunFailure): Promise<void> {
    const { code: cause, detail, nextStep } = failure;
    await this.asker.ask(PauseConnector, { tenantId, connectorId, cause, detail, nextStep });
  }

  async #ask(tenantId: string, connectorId: string): Promise<OpenedConnector> {
    try {
      return await this.asker.ask(OpenConnector, { tenantId, connectorId });
    } catch (error) {
      if (!(error instanceof AskRefused)) throw error;
      throw new ConnectorNotUsable(connectorId, error.message, 'Look whether the connector still exists.', {
        cause: error,
      });
    }
  }

  #connect(tenantId: string, connector: OpenedConnector, fingerprint: string): Connection {
    const { connectorId, sealed, callLimit } = connector;
    const reveal = (field: 'password' | 'subscriptionKey', version: number) =>
      open(this.ring, sealed[field], { tenantId, connectorId, field, version }).reveal();
    const subscriptionKey = reveal('subscriptionKey', sealed.subscriptionKeyVersion);
    const password = reveal('password', sealed.passwordVersion);
    const assumptions = {
      callsPerMinute: callLimit.perMinute,
      callsPerDay: callLimit.perDay,
      clearRefusals: [...defaultAssumptions.clearRefusals, ...this.settings.clearRefusals],
    };
    const budget = CallBudget.of(subscriptionKey, this.#store, { assumptions });
    const { apiUrl, username, marketplace, accountId } = connector;
    const client = new CmpClient(
      { connectorId, apiUrl, username, password, subscriptionKey, marketplace, accountId },
      { budget, assumptions, dispatcher: this.#dispatcher, lane: 'sync', onCall: measure },
    );
    return { fingerprint, client, budget };
  }
}

function measure(call: CmpCall): void {
  countCall();
  const facts = { [attributes.cmpOperation]: call.operation, [attributes.cmpLane]: call.lane };
  calls.add(1, { ...facts, result: call.result });
  duration.record(call.tookMs / 1000, facts);
  waited.record(call.waitedMs / 1000, facts);
}
