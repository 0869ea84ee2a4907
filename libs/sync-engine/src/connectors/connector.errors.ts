/** No connector of this tenant has this id; removed ones count as absent. */
export class ConnectorNotFound extends Error {
  override readonly name = 'ConnectorNotFound';
  readonly code = 'connector.not-found';
  readonly nextStep = 'List the connectors and take an id from there.';
  constructor(readonly connectorId: string) {
    super(`There is no connector ${connectorId}.`);
  }
}

/** Nothing is read through a paused connector; `nextStep` is what its owner advised when it was paused. */
export class ConnectorPaused extends Error {
  override readonly name = 'ConnectorPaused';
  readonly code = 'connector.paused';
  readonly nextStep: string;
  constructor(
    readonly connectorId: string,
    pause: { detail: string; nextStep: string } | null,
  ) {
    super(`Connector ${connectorId} is paused. ${pause?.detail ?? 'No reason was given.'}`);
    this.nextStep = pause?.nextStep || 'Resume the connector, then start the run again.';
  }
}
