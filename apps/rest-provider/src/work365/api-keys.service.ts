import { hash } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  ConnectorChangedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  FindApiKey,
  type ApiKeyHolder,
} from '@isthmus/contracts';
import { Asker, LiveEvents } from '@isthmus/messaging';
import { Problem, type ApiKeyVerifier } from '@isthmus/service-kit';
import { RestProviderEnv } from '../config.ts';
import { Work365Client } from './work365-client.ts';

const cacheSize = 1_000;

/**
 * Looks up the owner of a key at connector-config and caches a positive response briefly, so that a revoked key soon stops
 * working. Changes of the connector itself take effect at once: no key may work after its removal.
 */
@Injectable()
export class ApiKeys implements ApiKeyVerifier, OnApplicationBootstrap {
  readonly #known = new Map<string, { client: Work365Client; until: number }>();
  /** Counts events: a response that was in flight when one arrived may be older than it, and is not cached. */
  #eventCount = 0;

  constructor(
    private readonly asker: Asker,
    private readonly env: RestProviderEnv,
    private readonly events: LiveEvents,
  ) {}

  onApplicationBootstrap(): void {
    const contracts = [ConnectorChangedV1, ConnectorPausedV1, ConnectorRemovedV1, ConnectorResumedV1];
    this.events.watch(contracts, ({ subject: connectorId }) => {
      this.#eventCount += 1;
      for (const [keyHash, { client }] of this.#known)
        if (client.connectorId === connectorId) this.#known.delete(keyHash);
    });
  }

  async verify(key: string | undefined): Promise<Work365Client> {
    if (!key)
      throw refused(
        'unknown-client',
        'Unknown client!',
        'The header work-365-rest-provider-api-key is missing.',
      );
    const keyHash = hash('sha256', key, 'hex');
    const known = this.#known.get(keyHash);
    if (known && known.until > Date.now()) return known.client;
    const eventsBefore = this.#eventCount;
    const { holder } = await this.asker.ask(FindApiKey, { keyHash });
    if (!holder) {
      this.#known.delete(keyHash);
      throw refused(
        'invalid-client',
        'Invalid client!',
        'The API key is unknown or revoked, or its connector was removed.',
      );
    }
    return eventsBefore === this.#eventCount ? this.#cache(keyHash, holder) : Work365Client.of(holder);
  }

  #cache(keyHash: string, holder: ApiKeyHolder): Work365Client {
    const client = Work365Client.of(holder);
    const oldest = this.#known.size >= cacheSize ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(keyHash, { client, until: Date.now() + this.env.API_KEY_CACHE_MS });
    return client;
  }
}

/** The titles are the contract's texts. */
const refused = (type: string, title: string, detail: string): Problem =>
  new Problem({
    status: 403,
    type,
    title,
    detail: `${title} ${detail}`,
    nextStep: 'Create an API key for the connector in Isthmus and enter it as Password in Work 365.',
  });
