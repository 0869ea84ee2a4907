import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type KeyRing, SecretNotOpened } from './key-ring.ts';

/** The context of a secret; a sealed text opens only with the same values it was sealed with. */
export interface SecretOwner {
  tenantId: string;
  /** The connector (or webhook endpoint, …) whose secret it is. */
  connectorId: string;
  field: string;
  /** Counts up with every new value of the field. */
  version: number;
  /**
   * The recipient to whom the secret may be sent, such as address and user name. The opening process passes those that it is
   * about to use: a secret that was stored for one address does not open for another.
   */
  recipient?: readonly string[];
}

/** The first part of a sealed text identifies its binding: `s1` to its owner, `s2` to its recipient as well. */
type Format = 's1' | 's2';

const ivBytes = 12;
const tagBytes = 16;

/**
 * Seals a secret: AES-256-GCM under a fresh data key, which is itself wrapped by a key of the ring.
 * The text is `<format>.<key id>.<wrapped data key>.<sealed value>` (base64url) and is safe to store and to pass on.
 */
export function seal(
  ring: KeyRing,
  plaintext: string | Secret,
  owner: SecretOwner,
  keyId = ring.currentId,
): string {
  return sealAs(isToBeBound(ring, owner, {}) ? 's2' : 's1', ring, plaintext, owner, keyId);
}

function sealAs(
  format: Format,
  ring: KeyRing,
  plaintext: string | Secret,
  owner: SecretOwner,
  keyId: string,
): string {
  const dataKey = randomBytes(32);
  const value = plaintext instanceof Secret ? plaintext.reveal() : plaintext;
  const wrapped = wrap(ring.key(keyId), dataKey, associated(format, owner, keyId));
  const sealed = encrypt(dataKey, Buffer.from(value, 'utf8'), associated(format, owner));
  dataKey.fill(0);
  return `${format}.${keyId}.${wrapped}.${sealed.toString('base64url')}`;
}

/**
 * Opens a text created by `seal`.
 * @throws SecretKeyMissing if the key is not in the ring, SecretNotOpened if the text was altered, or belongs to another owner or
 * recipient
 */
export function open(ring: KeyRing, sealed: string, owner: SecretOwner): Secret {
  const { format, keyId, wrapped, value } = parts(sealed);
  if (owner.recipient && format === 's1' && !ring.acceptsUnbound)
    throw new SecretNotOpened('it is not bound to the address it may be sent to');
  const dataKey = unwrap(ring.key(keyId), wrapped, associated(format, owner, keyId));
  try {
    return new Secret(decrypt(dataKey, value, associated(format, owner)).toString('utf8'));
  } catch (cause) {
    throw new SecretNotOpened('it was altered or belongs to another context', { cause });
  } finally {
    dataKey.fill(0);
  }
}

/** The desired way to seal a secret. */
export interface SealedAs {
  /** The ring's current one if absent. */
  keyId?: string;
  /** Whether it is bound to its recipient, if it has one; if absent, it is unless the ring accepts unbound ones. */
  bound?: boolean;
}

/** Whether the secret is not yet sealed this way. */
export function needsReseal(ring: KeyRing, sealed: string, owner: SecretOwner, as: SealedAs = {}): boolean {
  const { format, keyId } = parts(sealed);
  return keyId !== (as.keyId ?? ring.currentId) || (format === 's1' && isToBeBound(ring, owner, as));
}

/**
 * Wraps the same data key with another key of the ring; the sealed value itself is not changed. A secret that is not bound to its
 * recipient yet is sealed again, for the given recipient.
 */
export function reseal(ring: KeyRing, sealed: string, owner: SecretOwner, as: SealedAs = {}): string {
  const { format, keyId: before, wrapped, value } = parts(sealed);
  const { keyId = ring.currentId } = as;
  if (format === 's1' && isToBeBound(ring, owner, as)) {
    const { recipient: _, ...unbound } = owner;
    return sealAs('s2', ring, open(ring, sealed, unbound), owner, keyId);
  }
  const dataKey = unwrap(ring.key(before), wrapped, associated(format, owner, before));
  const again = wrap(ring.key(keyId), dataKey, associated(format, owner, keyId));
  dataKey.fill(0);
  return `${format}.${keyId}.${again}.${value.toString('base64url')}`;
}

const isToBeBound = (ring: KeyRing, { recipient }: SecretOwner, { bound = !ring.acceptsUnbound }: SealedAs) =>
  recipient !== undefined && bound;

function wrap(key: Buffer, dataKey: Buffer, aad: Buffer): string {
  return encrypt(key, dataKey, aad).toString('base64url');
}

function unwrap(key: Buffer, wrapped: Buffer, aad: Buffer): Buffer {
  try {
    return decrypt(key, wrapped, aad);
  } catch (cause) {
    throw new SecretNotOpened('its key does not match, or it was altered or belongs to another context', {
      cause,
    });
  }
}

function parts(sealed: string): { format: Format; keyId: string; wrapped: Buffer; value: Buffer } {
  const [format, keyId, wrapped, value, ...rest] = sealed.split('.');
  if ((format !== 's1' && format !== 's2') || !keyId || !wrapped || !value || rest.length > 0) {
    throw new SecretNotOpened('it is not a sealed secret');
  }
  return {
    format,
    keyId,
    wrapped: Buffer.from(wrapped, 'base64url'),
    value: Buffer.from(value, 'base64url'),
  };
}

/** JSON separates the values: `a` + `bc` and `ab` + `c` must not bind to the same context. */
function associated(format: Format, owner: SecretOwner, keyId?: string): Buffer {
  const { tenantId, connectorId, field, version, recipient = [] } = owner;
  const bound = format === 's2' ? [recipient] : [];
  return Buffer.from(
    JSON.stringify([format, tenantId, connectorId, field, version, ...bound, keyId ?? null]),
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
