import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type KeyRing, SecretNotOpened } from './key-ring.ts';

/** The context of a secret; a sealed text opens only with the same four values it was sealed with. */
export interface SecretOwner {
  tenantId: string;
  /** The connector (or webhook endpoint, …) whose secret it is. */
  connectorId: string;
  field: string;
  /** Counts up with every new value of the field. */
  version: number;
}

const format = 's1';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Seals a secret: AES-256-GCM under a fresh data key, which is itself wrapped by the ring's current key.
 * The text is `s1.<key id>.<wrapped data key>.<sealed value>` (base64url) and is safe to store and to pass on.
 */
export function seal(ring: KeyRing, plaintext: string | Secret, owner: SecretOwner): string {
  const dataKey = randomBytes(32);
  const value = plaintext instanceof Secret ? plaintext.reveal() : plaintext;
  const wrapped = wrap(ring, dataKey, owner);
  const sealed = encrypt(dataKey, Buffer.from(value, 'utf8'), associated(owner));
  dataKey.fill(0);
  return `${format}.${ring.currentId}.${wrapped}.${sealed.toString('base64url')}`;
}

/**
 * Opens what `seal` made.
 * @throws SecretKeyMissing when the ring lost the key, SecretNotOpened when the text is altered or of another owner
 */
export function open(ring: KeyRing, sealed: string, owner: SecretOwner): Secret {
  const { keyId, wrapped, value } = parts(sealed);
  const dataKey = unwrap(ring, keyId, wrapped, owner);
  try {
    return new Secret(decrypt(dataKey, value, associated(owner)).toString('utf8'));
  } catch (cause) {
    throw new SecretNotOpened('it was altered or belongs to another context', { cause });
  } finally {
    dataKey.fill(0);
  }
}

/** Whether the secret is still wrapped by an older key than the ring's current one. */
export function needsReseal(ring: KeyRing, sealed: string): boolean {
  return parts(sealed).keyId !== ring.currentId;
}

/** Wraps the same data key with the ring's current key; the sealed value itself is not changed. */
export function reseal(ring: KeyRing, sealed: string, owner: SecretOwner): string {
  const { keyId, wrapped, value } = parts(sealed);
  const dataKey = unwrap(ring, keyId, wrapped, owner);
  const again = `${format}.${ring.currentId}.${wrap(ring, dataKey, owner)}.${value.toString('base64url')}`;
  dataKey.fill(0);
  return again;
}

function wrap(ring: KeyRing, dataKey: Buffer, owner: SecretOwner): string {
  return encrypt(ring.key(ring.currentId), dataKey, associated(owner, ring.currentId)).toString('base64url');
}

function unwrap(ring: KeyRing, keyId: string, wrapped: Buffer, owner: SecretOwner): Buffer {
  const key = ring.key(keyId);
  try {
    return decrypt(key, wrapped, associated(owner, keyId));
  } catch (cause) {
    throw new SecretNotOpened('its key does not match, or it was altered or belongs to another context', {
      cause,
    });
  }
}

function parts(sealed: string): { keyId: string; wrapped: Buffer; value: Buffer } {
  const [version, keyId, wrapped, value, ...rest] = sealed.split('.');
  if (version !== format || !keyId || !wrapped || !value || rest.length > 0) {
    throw new SecretNotOpened('it is not a sealed secret');
  }
  return { keyId, wrapped: Buffer.from(wrapped, 'base64url'), value: Buffer.from(value, 'base64url') };
}

/** JSON separates the four values: `a` + `bc` and `ab` + `c` must not bind to the same context. */
function associated(owner: SecretOwner, keyId?: string): Buffer {
  return Buffer.from(
    JSON.stringify([format, owner.tenantId, owner.connectorId, owner.field, owner.version, keyId ?? null]),
  );
}

function encrypt(key: Buffer, plain: Buffer, aad: Buffer): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

function decrypt(key: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  const iv = sealed.subarray(0, ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
}

/** A plain secret in memory that no log, template, JSON or debugger view prints. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The only way to the value; call it where it is used, never to store it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
