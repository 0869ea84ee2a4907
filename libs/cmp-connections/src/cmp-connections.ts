import { AsyncLocalStorage } from 'node:async_hooks';
import { CallBudget, CmpClient, defaultAssumptions, type CmpCall, type Lane } from '@isthmus/cmp-client';
import {
  credentialContext,
  OpenConnector,
  PauseConnector,
  type OpenConnectorResponse,
  type PartnerAttestationV1,
} from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import { RequestClient, RequestRefused, NatsConnection } from '@isthmus/messaging';
import {
  attributes,
  counter,
  histogram,
  KeyRing,
  open,
  outboundDispatcher,
  outboundRules,
  ServiceEnv,
} from '@isthmus/service-kit';
import { Injectable, Optional } from '@nestjs/common';
import { budgetStore } from './budget-store.ts';

/** Settings of a service's connections to CMP beyond the common assumptions. */
export class CmpSettings {
  /** Added to `CmpAssumptions.clearRefusals`. */
  clearRefusals: readonly string[] = [];
}

/** A connector's CMP, ready for calls. */
export interface OpenedCmp {
  client: CmpClient;
  /** State of the call budget, to show users why calls are delayed. */
  budgetState(): unknown;
  /** Who attested, once for the connector, to being the partner of record; absent if it has not been recorded. */
  partnerAttestation?: PartnerAttestationV1 | undefined;
}

interface ConnectorKey {
  tenantId: string;
  connectorId: string;
}

interface Connection {
  /**
   * Hash of everything the connection was created from; a different fingerprint means that the connector was edited. The sealed
   * texts are not part of it, because they change with each key they are wrapped with: their versions are.
   */
  fingerprint: string;
  client: CmpClient;
  budget: CallBudget;
}

/** This process's connections to CMP: one client and token per connector, replaced when connector-config's response changes. */
@Injectable()
export class CmpConnections {
  readonly #connections = new Map<string, Connection>();
  readonly #dispatcher;
  readonly #store;

  constructor(
    private readonly requests: RequestClient,
    private readonly ring: KeyRing,
    nats: NatsConnection,
    env: ServiceEnv,
    @Optional() private readonly settings: CmpSettings = new CmpSettings(),
  ) {
    this.#store = budgetStore(nats);
    this.#dispatcher = outboundDispatcher(outboundRules(env));
  }

  /**
   * Returns the connector's client in one of the lanes of its budget.
   * @throws ConnectorNotUsable if the connector is paused or removed
   */
  async open({ tenantId, connectorId }: ConnectorKey, lane: Lane): Promise<OpenedCmp> {
    const connector = await this.#request(tenantId, connectorId);
    if (connector.status === 'paused') {
      throw new ConnectorNotUsable(connectorId, 'it is paused', 'Resume the connector.', { paused: true });
    }
    const { password: _, subscriptionKey: __, ...versions } = connector.sealed;
    const fingerprint = JSON.stringify({ ...connector, sealed: versions });
    let connection = this.#connections.get(connectorId);
    if (connection?.fingerprint !== fingerprint) {
      connection = this.#connect(tenantId, connector, fingerprint);
      this.#connections.set(connectorId, connection);
    }
    const { client, budget } = connection;
    const { partnerAttestation } = connector;
    return { client: client.inLane(lane), budgetState: () => budget.state(), partnerAttestation };
  }

  /** Pauses the connector, so that it is not tried again before a user has corrected it. */
  async pause(
    { tenantId, connectorId }: ConnectorKey,
    { code: cause, detail, nextStep }: { code: string; detail: string; nextStep: string },
  ): Promise<void> {
    await this.requests.request(PauseConnector, { tenantId, connectorId, cause, detail, nextStep });
  }

  async #request(tenantId: string, connectorId: string): Promise<OpenConnectorResponse> {
    try {
      return await this.requests.request(OpenConnector, {
        tenantId,
        connectorId,
        keyIds: this.ring.ids,
      });
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      throw new ConnectorNotUsable(connectorId, error.message, 'Check whether the connector still exists.', {
        cause: error,
      });
    }
  }

  #connect(tenantId: string, connector: OpenConnectorResponse, fingerprint: string): Connection {
    const { connectorId, sealed, callLimit } = connector;
    // Uses the address in the response itself: credentials that were stored for another one do not open.
    const reveal = (field: 'password' | 'subscriptionKey', version: number) =>
      open(
        this.ring,
        sealed[field],
        credentialContext({ ...connector, tenantId, connectorId }, field, version),
      ).reveal();
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

/** The connector is paused, removed, or its secrets cannot be opened here. */
export class ConnectorNotUsable extends DomainError {
  static override readonly code = 'connector.not-usable';
  declare readonly nextStep: string;
  /** Whether it becomes usable when a user resumes it. */
  readonly paused: boolean;

  constructor(
    readonly connectorId: string,
    why: string,
    nextStep: string,
    { paused = false, ...options }: ErrorOptions & { paused?: boolean } = {},
  ) {
    super(`Connector ${connectorId} cannot be used: ${why.replace(/\.+$/, '')}.`, { nextStep, ...options });
    this.paused = paused;
  }
}

const calls = counter('isthmus.cmp.calls');
const duration = histogram('isthmus.cmp.call.duration');
const waited = histogram('isthmus.cmp.budget.wait');

function measure(call: CmpCall): void {
  countCall();
  recording.getStore()?.(call);
  const labels = { [attributes.cmpOperation]: call.operation, [attributes.cmpLane]: call.lane };
  calls.add(1, { ...labels, result: call.result });
  duration.record(call.tookMs / 1000, labels);
  waited.record(call.waitedMs / 1000, labels);
}

interface CallCount {
  calls: number;
}

const counting = new AsyncLocalStorage<CallCount>();

/** Must be called for every call to CMP: counts it for the work that made it, although all work shares one client. */
export function countCall(): void {
  const count = counting.getStore();
  if (count) count.calls += 1;
}

const recording = new AsyncLocalStorage<(call: CmpCall) => void>();

/** Does `work`, handing over each of its calls to CMP once it is over. `record` must not throw. */
export const recordingCalls = <T>(record: (call: CmpCall) => void, work: () => Promise<T>): Promise<T> =>
  recording.run(record, work);

/** Does `work`, counting its calls to CMP. */
export const countingCalls = <T>(count: CallCount, work: () => Promise<T>): Promise<T> =>
  counting.run(count, work);
