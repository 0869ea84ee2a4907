/** A user-given address leads where it must not. `code` is what an undici request rejects with (as `cause` of fetch). */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
  readonly code = 'ERR_BLOCKED_ADDRESS';
  constructor(
    readonly host: string,
    readonly address: string,
  ) {
    super(`${host} resolves to ${address}, which is not a public internet address. Use a public address.`);
  }
}
