/** The ring holds no key of this id: the secret was sealed with a key that has been taken away. */
export class SecretKeyMissing extends Error {
  override readonly name = 'SecretKeyMissing';
  readonly code = 'secret.key-missing';
  constructor(
    readonly keyId: string,
    readonly knownKeyIds: readonly string[],
  ) {
    super(
      `The key ring has no key "${keyId}" (it has ${knownKeyIds.join(', ') || 'none'}). Put that key back into SECRET_RING.`,
    );
  }
}

/** The sealed text is damaged, was altered, or belongs to another tenant, connector, field or version. */
export class SecretNotOpened extends Error {
  override readonly name = 'SecretNotOpened';
  readonly code = 'secret.not-opened';
  constructor(reason: string, options?: ErrorOptions) {
    super(`A sealed secret could not be opened: ${reason}. Enter the secret again.`, options);
  }
}

/** SECRET_RING cannot be used as a key ring. */
export class BadKeyRing extends Error {
  override readonly name = 'BadKeyRing';
  readonly code = 'secret.bad-key-ring';
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `SECRET_RING cannot be used: ${reason}. It must be {"current":"k1","keys":{"k1":"<base64 of 32 bytes>"}}.`,
      options,
    );
  }
}
