import { DomainError } from '@isthmus/domain';
import type { ConnectorAction, ConnectorSettings, ConnectorStatus, VerificationStep } from './connector.ts';

/** No connector of this tenant has this id; removed ones count as absent. */
export class ConnectorNotFound extends DomainError {
  static override readonly code = 'connector.not-found';

  constructor(connectorId: string) {
    super(`There is no connector ${connectorId}.`, {
      nextStep: 'Use an id from GET /v1/connectors.',
    });
  }
}

/** Another connector of the tenant has this name already; names differ by more than case. */
export class ConnectorNameTaken extends DomainError {
  static override readonly code = 'connector.name-taken';

  constructor(connectorName: string, options?: ErrorOptions) {
    super(`There is already a connector named "${connectorName}".`, {
      title: 'The name is already in use',
      nextStep: 'Choose another name.',
      fields: ['name'],
      ...options,
    });
  }
}

/** CMP has no marketplace in this country, so a person has to choose the one the reseller buys from. */
export class MarketplaceUnknown extends DomainError {
  static override readonly code = 'connector.marketplace-unknown';

  constructor(country: string) {
    super(`No marketplace is known for the country ${country}.`, {
      title: 'Unknown marketplace',
      nextStep:
        'Check the country. If it is right, give "marketplace", for example "us": it is part of the host name of the control panel.',
      fields: ['country'],
    });
  }
}

/** A stored secret would be sent somewhere, or for someone, it was not given for. */
export class SecretNeededAgain extends DomainError {
  static override readonly code = 'connector.secret-needed-again';

  /**
   * @param changed what was changed
   * @param missing the secrets that must come with the change
   */
  constructor(changed: 'apiUrl' | 'username', missing: readonly ('password' | 'subscriptionKey')[]) {
    super(`The stored ${missing.join(' or ')} cannot be used with a different ${changed}.`, {
      title: 'Secrets are required again',
      nextStep: `Enter ${missing.join(' and ')} again together with the ${changed}.`,
      fields: missing,
    });
  }
}

/** The lifecycle has no such step. */
export class IllegalConnectorAction extends DomainError {
  static override readonly code = 'connector.illegal-action';

  constructor(connectorId: string, status: ConnectorStatus, action: ConnectorAction) {
    super(`Connector ${connectorId} is ${status}; "${action}" is not possible.`, {
      nextStep: 'Read the connector again to see its current state.',
    });
  }
}

/** A removed connector for this account would be taken up again, but CMP does not accept what was given for it. */
export class RestoreNotVerified extends DomainError {
  static override readonly code = 'connector.restore-not-verified';

  /** @param failed the step of the verification that failed */
  constructor(connectorId: string, failed: VerificationStep) {
    super(
      `Connector ${connectorId} for this account was removed and can be restored, but the account could not be verified: ${failed.detail}`,
      {
        title: 'The account could not be verified',
        nextStep: `${failed.mend ?? 'Verify the settings.'} Then create it again.`,
        fields: failed.field ? [failed.field] : [],
      },
    );
  }
}

/** The partner-of-record attestation of this connector was never recorded, or it was withdrawn. */
export class NotAttested extends DomainError {
  static override readonly code = 'connector.not-attested';

  constructor(connectorId: string) {
    super(`Connector ${connectorId} has no partner-of-record attestation.`, {
      nextStep: `Record it with PUT /v1/connectors/${connectorId}/partner-attestation.`,
    });
  }
}

/** The fields that identify an account at CMP. */
export type AccountField = 'accountId' | 'apiUrl';
/** Numbers of records, keyed by the name of the kind of record in messages. */
export type ConnectorRecordCounts = Readonly<Record<string, number>>;

/**
 * The records that were read or ordered through the connector belong to its account, so it cannot be moved to another account.
 */
export class ConnectorHasRecords extends DomainError {
  static override readonly code = 'connector.has-records';

  constructor(
    connector: Pick<ConnectorSettings, AccountField> & { id: string; restoredAt?: Date | null },
    records: ConnectorRecordCounts,
    fields: readonly AccountField[],
  ) {
    const { id, accountId, apiUrl, restoredAt } = connector;
    const present = Object.entries(records).filter(([, count]) => count > 0);
    const inWords = present.map(([kind, count]) => `${count} ${kind}`).join(', ');
    const onlyRuns = !restoredAt && present.every(([kind]) => kind === 'open sync runs');
    const what = inWords || 'records from before it was removed and created again';
    super(`Connector ${id} has records of account ${accountId} at ${apiUrl}: ${what}.`, {
      title: 'The connector has records of its account',
      nextStep: onlyRuns
        ? 'Wait until its sync runs have ended, or cancel them; then change it if they have found nothing.'
        : `Create a second connector for the other account. If this one was set up for the wrong account, remove it as well: GET /v1/connectors/${id}/removal shows the records that would end.`,
      fields,
      details: { records: Object.fromEntries(present) },
    });
  }
}

/** A service that may have records of the connector did not respond. */
export class DependentsUnknown extends DomainError {
  static override readonly code = 'connector.dependents-unknown';

  constructor(connectorId: string, services: readonly string[]) {
    super(
      `The records that depend on connector ${connectorId} could not be counted: ${services.join(' and ')} did not respond.`,
      {
        title: 'Not every service could be reached',
        nextStep: `Try again when ${services.join(' and ')} can be reached.`,
      },
    );
  }
}

/** A tenant may have only so many. */
export class TooManyConnectors extends DomainError {
  static override readonly code = 'connector.too-many';

  constructor(most: number) {
    super(`There are already ${most} connectors, the maximum for a tenant.`, {
      nextStep: 'Remove a connector that is no longer needed.',
    });
  }
}
