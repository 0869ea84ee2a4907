/** A contract class cannot be what its decorator says. A mistake in the code, found while it loads. */
export class ContractMisdeclared extends Error {
  override readonly name = 'ContractMisdeclared';
  readonly code = 'contract.misdeclared';

  constructor(
    readonly contract: string,
    readonly problem: string,
  ) {
    super(`${contract} is not a usable contract: ${problem}.`);
  }
}

/** A payload is not what its contract says. Repeating it cannot help. */
export class ContractViolated extends Error {
  override readonly name = 'ContractViolated';
  readonly code = 'contract.violated';

  constructor(
    readonly subject: string,
    readonly violations: readonly string[],
  ) {
    super(`A payload of ${subject} breaks its contract: ${violations.join('; ')}.`);
  }
}
