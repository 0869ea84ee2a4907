import type { ApiKeyHolder, TermOfFrequencyV1 } from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import type { KeyHolder } from '@isthmus/service-kit';

/** One connector of one tenant: whose customers, subscriptions and writes they are. */
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
export class Work365Client implements KeyHolder {
  private constructor(
    readonly tenantId: string,
    readonly connectorId: string,
    /** Who requests something, in the records of the other services. */
    readonly subject: string,
    readonly paused: boolean,
    /** Whether it wants `PartNumber` rather than `partNumber`. */
    readonly pascalCase: boolean,
    /** Which term is meant where a frequency leaves it open; a setting of the connector. */
    readonly termOfFrequency: TermOfFrequencyV1 | undefined,
  ) {}

  static of(holder: ApiKeyHolder): Work365Client {
    const { tenantId, connectorId, label, connectorStatus, fieldNames, termOfFrequency } = holder;
    const pascalCase = fieldNames === 'PascalCase';
    return new Work365Client(
      tenantId,
      connectorId,
      `work365 ${label}`,
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
