/** A text that is not the value it should be. The message names the kind, the text (shortened) and what would be accepted. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
  readonly code = 'value.invalid';

  constructor(
    readonly kind: string,
    readonly text: string,
    readonly expected: string,
    options?: ErrorOptions,
  ) {
    super(`${JSON.stringify(text.slice(0, 60))} is not a ${kind}: ${expected}.`, options);
  }
}
