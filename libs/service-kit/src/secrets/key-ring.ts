import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { DomainError } from '@isthmus/domain';
import type { Provider, Type } from '@nestjs/common';
import { InvalidConfiguration, type ServiceEnv } from '../config.ts';

const keyBytes = 32;

/** The settings that contain a key ring: one per purpose, so that a process has only the keys it needs. */
export type KeyRingVariable = 'SECRET_RING' | 'WEBHOOK_SECRET_RING';

interface KeyRingOptions {
  variable?: KeyRingVariable;
  /** Seals without the recipient, and opens what was sealed so; see UNBOUND_SECRETS. */
  acceptsUnbound?: boolean;
}

/** The keys that wrap data keys: one current for sealing, the others only so that older secrets still open. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Buffer>;

  private constructor(
    readonly currentId: string,
    keys: ReadonlyMap<string, Buffer>,
    readonly acceptsUnbound: boolean,
  ) {
    this.#keys = keys;
  }

  /**
   * @param text JSON `{"current":"k1","keys":{"k1":"<base64 of 32 bytes>"}}`
   * @throws InvalidKeyRing without repeating any key
   */
  static parse(text: string, { variable, acceptsUnbound = false }: KeyRingOptions = {}): KeyRing {
    try {
      return KeyRing.#read(text, acceptsUnbound);
    } catch (error) {
      throw error instanceof UnusableRing ? new InvalidKeyRing(error.message, variable) : error;
    }
  }

  static #read(text: string, acceptsUnbound: boolean): KeyRing {
    let ring: unknown;
    try {
      ring = JSON.parse(text);
    } catch {
      // The parser's message quotes the text, including keys: it must not become the cause.
      throw new UnusableRing('it is not JSON');
    }
    const { current, keys } = (ring ?? {}) as { current?: unknown; keys?: unknown };
    if (typeof current !== 'string' || typeof keys !== 'object' || keys === null) {
      throw new UnusableRing('"current" or "keys" is missing');
    }
    const decoded = new Map<string, Buffer>();
    for (const [id, key] of Object.entries(keys)) {
      const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.alloc(0);
      if (!/^[\w-]{1,32}$/.test(id))
        throw new UnusableRing(`key id "${id}" may contain only letters, digits, _ and -`);
      if (bytes.length !== keyBytes)
        throw new UnusableRing(`key "${id}" is ${bytes.length} bytes long instead of ${keyBytes}`);
      decoded.set(id, bytes);
    }
    if (!decoded.has(current)) throw new UnusableRing(`the current key "${current}" is not among the keys`);
    return new KeyRing(current, decoded, acceptsUnbound);
  }

  /** The ring of the environment; `undefined` when neither the variable nor that of its file is set. */
  static ofEnvironment(env: KeyRingEnvironment, variable: KeyRingVariable): KeyRing | undefined {
    const options = { variable, acceptsUnbound: env.UNBOUND_SECRETS === 'accept' };
    const text = env[variable];
    if (text) return KeyRing.parse(text, options);
    const file = env[`${variable}_FILE`];
    if (!file) return undefined;
    try {
      return KeyRing.parse(readFileSync(file, 'utf8'), options);
    } catch (cause) {
      if (cause instanceof InvalidKeyRing) throw cause;
      throw new InvalidKeyRing(`the file ${file} cannot be read`, variable, { cause });
    }
  }

  /** The ids of all its keys. */
  get ids(): string[] {
    return [...this.#keys.keys()];
  }

  has(id: string): boolean {
    return this.#keys.has(id);
  }

  /** @throws SecretKeyMissing */
  key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new SecretKeyMissing(`The key ring has no key "${id}" (it has ${this.ids.join(', ')}).`);
    return key;
  }

  [inspect.custom](): string {
    return `KeyRing(${this.ids.join(', ')}; current ${this.currentId})`;
  }
}

/**
 * The ring of one purpose. A process that needs one and has none does not start.
 * @param why what the process cannot do without it
 */
export const keyRingProvider = (
  env: Type<ServiceEnv & KeyRingEnvironment>,
  variable: KeyRingVariable,
  why: string,
): Provider => ({
  provide: KeyRing,
  inject: [env],
  useFactory(settings: KeyRingEnvironment): KeyRing {
    const ring = KeyRing.ofEnvironment(settings, variable);
    if (ring) return ring;
    throw new InvalidConfiguration([{ variable, message: `it or ${variable}_FILE must be set; ${why}` }]);
  },
});

type KeyRingEnvironment = { UNBOUND_SECRETS?: 'accept' | 'refuse' } & {
  [V in KeyRingVariable | `${KeyRingVariable}_FILE`]?: string;
};

/** The reason why a string is not a valid key ring, without the name of its setting. */
class UnusableRing extends Error {}

/**
 * The key with which a secret was sealed is not available. Only the log names it, as the cause: tenants read the message and must
 * not learn ids of keys.
 */
export class SecretKeyMissing extends DomainError {
  static override readonly code = 'secret.key-missing';

  constructor(which: string) {
    super('A stored secret cannot be opened, because the key it was sealed with is not available.', {
      nextStep:
        'Contact the operators of Isthmus; their log contains the id of the key that has to be added again.',
      cause: new Error(which),
    });
  }
}

/** The sealed text is damaged, was altered, or belongs to another tenant, connector, field, version or recipient. */
export class SecretNotOpened extends DomainError {
  static override readonly code = 'secret.not-opened';

  constructor(reason: string, options?: ErrorOptions) {
    super(`A sealed secret could not be opened: ${reason}. Enter the secret again.`, options);
  }
}

/** The setting cannot be used as a key ring. */
export class InvalidKeyRing extends DomainError {
  static override readonly code = 'secret.bad-key-ring';

  constructor(reason: string, variable: KeyRingVariable = 'SECRET_RING', options?: ErrorOptions) {
    super(
      `${variable} cannot be used: ${reason}. It must be {"current":"k1","keys":{"k1":"<base64 of 32 bytes>"}}.`,
      options,
    );
  }
}
