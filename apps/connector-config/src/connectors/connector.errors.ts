import type { ConnectorAction, ConnectorStatus, VerificationStep } from './connector.ts';

/** No connector of this tenant has this id; removed ones count as absent. */
export class ConnectorNotFound extends Error {
  override readonly name = 'ConnectorNotFound';
  readonly code = 'connector.not-found';
  readonly nextStep = 'List the connectors and take an id from there.';

  constructor(readonly connectorId: string) {
    super(`There is no connector ${connectorId}.`);
  }
}

/** Another connector of the tenant has this name already; names differ by more than case. */
export class ConnectorNameTaken extends Error {
  override readonly name = 'ConnectorNameTaken';
  readonly code = 'connector.name-taken';
  readonly nextStep = 'Choose another name.';

  constructor(
    readonly connectorName: string,
    options?: ErrorOptions,
  ) {
    super(`There is already a connector named "${connectorName}".`, options);
  }
}

/** CMP has no marketplace in this country, so a person has to choose the one the reseller buys from. */
export class MarketplaceUnknown extends Error {
  override readonly name = 'MarketplaceUnknown';
  readonly code = 'connector.marketplace-unknown';
  readonly nextStep =
    'Check the country. If it is right, give "marketplace", for example "us": it is part of the host name of the control panel.';

  constructor(readonly country: string) {
    super(`No marketplace is known for the country ${country}.`);
  }
}

/** A stored secret would be sent somewhere, or for someone, it was not given for. */
export class SecretNeededAgain extends Error {
  override readonly name = 'SecretNeededAgain';
  readonly code = 'connector.secret-needed-again';
  readonly nextStep: string;

  constructor(
    /** What was changed. */
    readonly changed: 'apiUrl' | 'username',
    /** The secrets that must come with the change. */
    readonly missing: readonly ('password' | 'subscriptionKey')[],
  ) {
    super(`A stored ${missing.join(' or ')} is not used with another ${changed}.`);
    this.nextStep = `Enter ${missing.join(' and ')} again together with the ${changed}.`;
  }
}

/** The lifecycle has no such step. */
export class IllegalConnectorAction extends Error {
  override readonly name = 'IllegalConnectorAction';
  readonly code = 'connector.illegal-action';
  readonly nextStep = 'Read the connector again to see how it stands.';

  constructor(
    readonly connectorId: string,
    readonly status: ConnectorStatus,
    readonly action: ConnectorAction,
  ) {
    super(`Connector ${connectorId} is ${status}; "${action}" is not possible.`);
  }
}

/** A removed connector for this account would be taken up again, but CMP does not accept what was given for it. */
export class RestoreNotVerified extends Error {
  override readonly name = 'RestoreNotVerified';
  readonly code = 'connector.restore-not-verified';
  readonly nextStep: string;

  constructor(
    readonly connectorId: string,
    /** The step of the verification that failed. */
    readonly failed: VerificationStep,
  ) {
    super(
      `Connector ${connectorId} for this account was removed and can be taken up again, but the account could not be verified: ${failed.detail}`,
    );
    this.nextStep = `${failed.mend ?? 'Verify the settings.'} Then create it again.`;
  }
}

/** Nobody recorded the partner-of-record attestation of this connector, or it was withdrawn. */
export class NotAttested extends Error {
  override readonly name = 'NotAttested';
  readonly code = 'connector.not-attested';
  readonly nextStep: string;

  constructor(readonly connectorId: string) {
    super(`Connector ${connectorId} has no partner-of-record attestation.`);
    this.nextStep = `Record it with PUT /v1/connectors/${connectorId}/partner-attestation.`;
  }
}
