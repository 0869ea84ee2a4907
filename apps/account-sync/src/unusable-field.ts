/** A field is well formed but contradicts what is stored or another field. */
export class UnusableField extends Error {
  override readonly name = 'UnusableField';
  readonly code = 'input.unusable-field';
  constructor(
    readonly field: string,
    /** A sentence about the field. */
    detail: string,
    readonly nextStep: string,
  ) {
    super(detail);
  }
}
