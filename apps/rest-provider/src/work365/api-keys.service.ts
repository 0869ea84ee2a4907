import { hash } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  ApiKeyRevokedV1,
  ConnectorChangedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  FindApiKey,
  type ApiKeyHolder,
} from '@isthmus/contracts';
import { RequestClient, LiveEvents } from '@isthmus/messaging';
import { Problem, type ApiKeyVerifier } from '@isthmus/service-kit';
import { RestProviderEnv } from '../config.ts';
import { Work365Client } from './work365-client.ts';

const cacheSize = 1_000;

/**
 * Looks up the owner of a key at connector-config and caches a positive response until a change of the key or its connector is
 * published, so that a revoked key stops working at once; and no longer than API_KEY_CACHE_MS, should that event not arrive.
 */
@Injectable()
export class ApiKeys implements ApiKeyVerifier, OnApplicationBootstrap {
  readonly #known = new Map<string, { client: Work365Client; apiKeyId: string; until: number }>();
  /** Counts events: a response that was in flight when one arrived may be older than it, and is not cached. */
  #eventCount = 0;

  constructor(
    private readonly requests: RequestClient,
    private readonly env: RestProviderEnv,
    private readonly events: LiveEvents,
  ) {}

  onApplicationBootstrap(): void {
    const ofConnector = [ConnectorChangedV1, ConnectorPausedV1, ConnectorRemovedV1, ConnectorResumedV1];
    this.events.watch(ofConnector, ({ subject }) =>
      this.#forget(({ client }) => client.connectorId === subject),
    );
    this.events.watch([ApiKeyRevokedV1], ({ subject }) =>
      this.#forget(({ apiKeyId }) => apiKeyId === subject),
    );
  }

  known(key: string): Work365Client | undefined {
    const known = this.#known.get(hash('sha256', key, 'hex'));
    return known && known.until > Date.now() ? known.client : undefined;
  }

  async verify(key: string | undefined): Promise<Work365Client> {
    if (!key)
      throw refused(
        'unknown-client',
        'Unknown client!',
        'The header work-365-rest-provider-api-key is missing.',
      );
    const known = this.known(key);
    if (known) return known;
    const keyHash = hash('sha256', key, 'hex');
    const eventsBefore = this.#eventCount;
    const { holder } = await this.requests.request(FindApiKey, { keyHash });
    if (!holder) {
      this.#known.delete(keyHash);
      throw refused(
        'invalid-client',
        'Invalid client!',
        'The API key is unknown, revoked or expired, or its connector was removed.',
      );
    }
    return eventsBefore === this.#eventCount ? this.#cache(keyHash, holder) : Work365Client.of(holder);
  }

  #forget(isConcerned: (known: { client: Work365Client; apiKeyId: string }) => boolean): void {
    this.#eventCount += 1;
    for (const [keyHash, known] of this.#known) if (isConcerned(known)) this.#known.delete(keyHash);
  }

  #cache(keyHash: string, holder: ApiKeyHolder): Work365Client {
    const client = Work365Client.of(holder);
    const oldest = this.#known.size >= cacheSize ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    const { apiKeyId, expiresAt } = holder;
    const expiry = expiresAt === undefined ? Infinity : Date.parse(expiresAt);
    this.#known.set(keyHash, {
      client,
      apiKeyId,
      until: Math.min(Date.now() + this.env.API_KEY_CACHE_MS, expiry),
    });
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
