import type { ApiKeyHolder, TermOfFrequencyV1 } from '@isthmus/contracts';
import type { KeyHolder } from '@isthmus/service-kit';
import { ConnectorPaused } from '../domain/errors.ts';

/** A Work 365 that speaks for one connector. */
export class Work365Client implements KeyHolder {
  private constructor(
    readonly tenantId: string,
    readonly connectorId: string,
    /** Who asked, in the books of the other services. */
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
