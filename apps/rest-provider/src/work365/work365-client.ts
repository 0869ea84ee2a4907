import type { ApiKeyHolder, TermOfFrequencyV1 } from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import type { ApiKeyIdentity } from '@isthmus/service-kit';

/** The connector, and with it the tenant, whose customers, subscriptions and writes are meant. */
export interface ConnectorRef {
  tenantId: string;
  connectorId: string;
}

/** The connector is paused; reads still return what is known, writes are refused. */
export class ConnectorPaused extends DomainError {
  static override readonly code = 'connector.paused';

  constructor() {
    super('The connector of this API key is paused; nothing can be ordered through it.', {
      nextStep: 'Resume the connector in Isthmus; it shows why it was paused.',
    });
  }
}

/** A Work 365 instance that acts for one connector. */
export class Work365Client implements ApiKeyIdentity {
  private constructor(
    readonly tenantId: string,
    readonly connectorId: string,
    readonly apiKeyId: string,
    /** What people call the key. */
    readonly label: string,
    readonly paused: boolean,
    /** True if the client expects `PartNumber` rather than `partNumber`. */
    readonly pascalCase: boolean,
    /** The term to assume if a request specifies only a frequency; a setting of the connector. */
    readonly termOfFrequency: TermOfFrequencyV1 | undefined,
  ) {}

  /** The requester, as recorded by the other services. */
  get subject(): string {
    return `work365 ${this.label}`;
  }

  static of(holder: ApiKeyHolder): Work365Client {
    const { tenantId, connectorId, apiKeyId, label, connectorStatus, fieldNames, termOfFrequency } = holder;
    const pascalCase = fieldNames === 'PascalCase';
    return new Work365Client(
      tenantId,
      connectorId,
      apiKeyId,
      label,
      connectorStatus === 'paused',
      pascalCase,
      termOfFrequency,
    );
  }

  /** @throws ConnectorPaused */
  requireActive(): this {
    if (this.paused) throw new ConnectorPaused();
    return this;
  }
}
