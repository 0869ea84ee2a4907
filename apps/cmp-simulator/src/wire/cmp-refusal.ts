/**
 * CMP says no. Thrown by resources and rules, answered in CMP's platform error shape with `status`; `message` is CMP's
 * text, so it is worded as CMP words it.
 */
export class CmpRefusal extends Error {
  override readonly name = 'CmpRefusal';
  readonly code = 'cmp-simulator.refused';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 500,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
