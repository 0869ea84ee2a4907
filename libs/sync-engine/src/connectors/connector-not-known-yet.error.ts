/** An event overtook the connector's creation. Thrown so that it is delivered again, after that. */
export class ConnectorNotKnownYet extends Error {
  override readonly name = 'ConnectorNotKnownYet';
  readonly code = 'connector.not-known-yet';
  constructor(readonly connectorId: string) {
    super(`Nothing was heard yet of the creation of connector ${connectorId}.`);
  }
}
