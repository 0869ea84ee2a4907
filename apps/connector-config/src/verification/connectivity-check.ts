import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { probeConnection } from '@isthmus/cmp-client';
import { outboundDispatcher } from '@isthmus/service-kit';
import { ConnectorConfigEnv } from '../config.ts';
import type { Connector } from '../domain/connector.entity.ts';
import type { Verification } from '../domain/verification.ts';

/** Verify Connectivity: whether CMP lets us in, and if not, which of twelve causes it is. */
@Injectable()
export class ConnectivityCheck implements OnModuleDestroy {
  readonly #dispatcher;
  readonly #deadlineMs: number;

  constructor(env: ConnectorConfigEnv) {
    this.#deadlineMs = env.VERIFY_DEADLINE_MS;
    this.#dispatcher = outboundDispatcher({
      allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === 'yes',
      connectTimeoutMs: env.VERIFY_DEADLINE_MS,
    });
  }

  async run(
    { id: connectorId, apiUrl, username, marketplace, accountId }: Connector,
    { password, subscriptionKey }: { password: string; subscriptionKey: string },
  ): Promise<Verification> {
    const connection = { connectorId, apiUrl, username, password, subscriptionKey, marketplace, accountId };
    const steps = await probeConnection(connection, {
      dispatcher: this.#dispatcher,
      deadlineMs: this.#deadlineMs,
    });
    return { ok: steps.every(({ ok }) => ok), steps, checkedAt: new Date().toISOString() };
  }

  async onModuleDestroy(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}
