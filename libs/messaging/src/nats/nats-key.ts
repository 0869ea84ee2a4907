import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@isthmus/domain';
import { type Authenticator, nkeyAuthenticator, nkeys } from '@nats-io/transport-node';

/** A user's private key at NATS. It signs what the server sends at each connection, never leaves the process and never prints. */
export class NatsKey {
  readonly #seed: Uint8Array;
  /** Identifies the user in the server's configuration; not a secret. */
  readonly publicKey: string;

  private constructor(seed: Uint8Array) {
    this.#seed = seed;
    this.publicKey = nkeys.fromSeed(seed).getPublicKey();
  }

  /**
   * @param seed the seed of a user's NKey, `SU…`
   * @throws InvalidNatsKey without repeating it
   */
  static of(seed: string, setting = 'NATS_NKEY_SEED'): NatsKey {
    try {
      const text = seed.trim();
      if (!text.startsWith('SU')) throw new Error('not the seed of a user');
      return new NatsKey(new TextEncoder().encode(text));
    } catch {
      // The cause may repeat the seed.
      throw new InvalidNatsKey(`${setting} is not the seed of a user's NKey, which begins with SU`);
    }
  }

  /**
   * The key of the environment; `undefined` when neither variable is set.
   *
   * @param user whose file it is in a folder of several keys
   */
  static ofEnvironment(
    env: { NATS_NKEY_SEED?: string; NATS_NKEY_SEED_FILE?: string },
    user: string,
  ): NatsKey | undefined {
    if (env.NATS_NKEY_SEED) return NatsKey.of(env.NATS_NKEY_SEED);
    if (!env.NATS_NKEY_SEED_FILE) return undefined;
    return NatsKey.of(readSeed(env.NATS_NKEY_SEED_FILE, user), 'NATS_NKEY_SEED_FILE');
  }

  get authenticator(): Authenticator {
    return nkeyAuthenticator(this.#seed);
  }
}

function readSeed(path: string, user: string): string {
  let file = path;
  try {
    if (statSync(path).isDirectory()) file = join(path, `${user}.nk`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidNatsKey(`the file ${file} of NATS_NKEY_SEED_FILE cannot be read`, { cause });
  }
}

/** The key that this process is to connect to NATS with is none. */
export class InvalidNatsKey extends DomainError {
  static override readonly code = 'nats.bad-key';

  constructor(problem: string, options?: ErrorOptions) {
    super(`The NATS key cannot be used: ${problem}. Correct it and start again.`, {
      ...options,
      title: 'NATS key invalid',
    });
  }
}
