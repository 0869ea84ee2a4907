import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { DomainError } from '@isthmus/domain';

const keyBytes = 32;

/** The keys that wrap data keys: one current for sealing, the others only so that older secrets still open. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Buffer>;

  private constructor(
    readonly currentId: string,
    keys: ReadonlyMap<string, Buffer>,
  ) {
    this.#keys = keys;
  }

  /**
   * @param text JSON `{"current":"k1","keys":{"k1":"<base64 of 32 bytes>"}}`
   * @throws BadKeyRing without repeating any key
   */
  static parse(text: string): KeyRing {
    let ring: unknown;
    try {
      ring = JSON.parse(text);
    } catch {
      // The parser's message quotes the text, keys and all: it must not become the cause.
      throw new BadKeyRing('it is not JSON');
    }
    const { current, keys } = (ring ?? {}) as { current?: unknown; keys?: unknown };
    if (typeof current !== 'string' || typeof keys !== 'object' || keys === null) {
      throw new BadKeyRing('"current" or "keys" is missing');
    }
    const decoded = new Map<string, Buffer>();
    for (const [id, key] of Object.entries(keys)) {
      const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.alloc(0);
      if (!/^[\w-]{1,32}$/.test(id))
        throw new BadKeyRing(`key id "${id}" may contain only letters, digits, _ and -`);
      if (bytes.length !== keyBytes)
        throw new BadKeyRing(`key "${id}" is ${bytes.length} bytes long instead of ${keyBytes}`);
      decoded.set(id, bytes);
    }
    if (!decoded.has(current)) throw new BadKeyRing(`the current key "${current}" is not among the keys`);
    return new KeyRing(current, decoded);
  }

  /** The ring of the environment; `undefined` when neither variable is set. */
  static ofEnvironment(env: { SECRET_RING?: string; SECRET_RING_FILE?: string }): KeyRing | undefined {
    if (env.SECRET_RING) return KeyRing.parse(env.SECRET_RING);
    if (!env.SECRET_RING_FILE) return undefined;
    try {
      return KeyRing.parse(readFileSync(env.SECRET_RING_FILE, 'utf8'));
    } catch (cause) {
      if (cause instanceof BadKeyRing) throw cause;
      throw new BadKeyRing(`the file ${env.SECRET_RING_FILE} cannot be read`, { cause });
    }
  }

  /** @throws SecretKeyMissing */
  key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new SecretKeyMissing(id, [...this.#keys.keys()]);
    return key;
  }

  [inspect.custom](): string {
    return `KeyRing(${[...this.#keys.keys()].join(', ')}; current ${this.currentId})`;
  }
}

/** The ring holds no key of this id: the secret was sealed with a key that has been removed. */
export class SecretKeyMissing extends DomainError {
  static override readonly code = 'secret.key-missing';

  constructor(keyId: string, knownKeyIds: readonly string[]) {
    super(
      `The key ring has no key "${keyId}" (it has ${knownKeyIds.join(', ') || 'none'}). Put that key back into SECRET_RING.`,
    );
  }
}

/** The sealed text is damaged, was altered, or belongs to another tenant, connector, field or version. */
export class SecretNotOpened extends DomainError {
  static override readonly code = 'secret.not-opened';

  constructor(reason: string, options?: ErrorOptions) {
    super(`A sealed secret could not be opened: ${reason}. Enter the secret again.`, options);
  }
}

/** SECRET_RING cannot be used as a key ring. */
export class BadKeyRing extends DomainError {
  static override readonly code = 'secret.bad-key-ring';

  constructor(reason: string, options?: ErrorOptions) {
    super(
      `SECRET_RING cannot be used: ${reason}. It must be {"current":"k1","keys":{"k1":"<base64 of 32 bytes>"}}.`,
      options,
    );
  }
}
