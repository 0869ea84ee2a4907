/** The product a part number shall be mapped to is not in this connector's catalogue. */
export class ProductNotFound extends Error {
  override readonly name = 'ProductNotFound';
  readonly code = 'product.not-found';
  readonly nextStep = 'List the products of the connector and take an id from there.';
  constructor(readonly productId: string) {
    super(`There is no product ${productId} in the catalogue of this connector.`);
  }
}

/** CMP no longer lists it, so nothing can be ordered through such a mapping. */
export class ProductWithdrawn extends Error {
  override readonly name = 'ProductWithdrawn';
  readonly code = 'product.withdrawn';
  readonly nextStep = 'Map the part number to a product that CMP still lists.';
  constructor(readonly productId: string) {
    super(`CMP no longer lists product ${productId}.`);
  }
}

export class MappingNotFound extends Error {
  override readonly name = 'MappingNotFound';
  readonly code = 'mapping.not-found';
  readonly nextStep =
    'Look at the history of the part number: it may have been unmapped, or mapped for other periods.';
  constructor(readonly partNumber: string) {
    super(`No mapping is in force for ${partNumber} with these periods.`);
  }
}

export class ImportNotFound extends Error {
  override readonly name = 'ImportNotFound';
  readonly code = 'mapping-import.not-found';
  readonly nextStep = 'Send the file again.';
  constructor(readonly importId: string) {
    super(`There is no import ${importId}.`);
  }
}

export class ImportAlreadyApplied extends Error {
  override readonly name = 'ImportAlreadyApplied';
  readonly code = 'mapping-import.already-applied';
  readonly nextStep = 'Send the file again to see what it would change now.';
  constructor(readonly importId: string) {
    super(`Import ${importId} has been applied already.`);
  }
}
