import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { InvalidKeyRing, KeyRing, SecretKeyMissing, SecretNotOpened } from './key-ring.ts';
import { needsReseal, open, reseal, seal, Secret, type SecretOwner } from './seal.ts';

const key = () => randomBytes(32).toString('base64');
const [k1, k2] = [key(), key()];
const ring = KeyRing.parse(JSON.stringify({ current: 'k1', keys: { k1 } }));
const rotated = KeyRing.parse(JSON.stringify({ current: 'k2', keys: { k1, k2 } }));
const afterwards = KeyRing.parse(JSON.stringify({ current: 'k2', keys: { k2 } }));
const owner: SecretOwner = { tenantId: 't', connectorId: 'c', field: 'password', version: 3 };

it('opens what was sealed, whatever is in it', () => {
  for (const text of ['hunter2', '', 'ü€🙂\n', 'x'.repeat(10_000)])
    expect(open(ring, seal(ring, text, owner), owner).reveal()).toBe(text);
});

it('seals the same text differently every time and never shows it', () => {
  const [one, two] = [seal(ring, 'hunter2', owner), seal(ring, 'hunter2', owner)];
  expect(one).not.toBe(two);
  expect(Buffer.from(one.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('hunter2');
});

it.each([
  ['tenant', { tenantId: 'u' }],
  ['connector', { connectorId: 'd' }],
  ['field', { field: 'subscriptionKey' }],
  ['version', { version: 2 }],
  ['owner written another way', { tenantId: 't","c', connectorId: '' }],
])('does not open for another %s', (_, other) => {
  expect(() => open(ring, seal(ring, 'hunter2', owner), { ...owner, ...other })).toThrow(SecretNotOpened);
});

it('does not open when any one byte was changed', () => {
  const sealed = seal(ring, 'hunter2', owner);
  const [format, id, ...parts] = sealed.split('.');
  parts.forEach((part, at) => {
    const bytes = Buffer.from(part, 'base64url');
    for (let i = 0; i < bytes.length; i += 1) {
      const broken = Buffer.from(bytes);
      broken[i] = (broken[i] ?? 0) ^ 1;
      const text = [format, id, ...parts.with(at, broken.toString('base64url'))].join('.');
      expect(() => open(ring, text, owner)).toThrow(SecretNotOpened);
    }
  });
});

it('does not open what is not a sealed secret', () => {
  for (const text of ['', 'hunter2', 's1.k1.a', 's0.k1.a.b', `${seal(ring, 'a', owner)}.x`, 's1.k1.!.!']) {
    expect(() => open(ring, text, owner)).toThrow(SecretNotOpened);
  }
});

it('rotates: older secrets open, are found, and after resealing need only the new key', () => {
  const old = seal(ring, 'hunter2', owner);
  expect(open(rotated, old, owner).reveal()).toBe('hunter2');
  expect(needsReseal(rotated, old, owner)).toBe(true);
  const fresh = reseal(rotated, old, owner);
  expect(needsReseal(rotated, fresh, owner)).toBe(false);
  expect(open(afterwards, fresh, owner).reveal()).toBe('hunter2');
});

it('names the key that is missing, to those who read the log and not to tenants', () => {
  const old = seal(ring, 'hunter2', owner);
  let missing: unknown;
  try {
    open(afterwards, old, owner);
  } catch (error) {
    missing = error;
  }
  expect(missing).toBeInstanceOf(SecretKeyMissing);
  expect((missing as SecretKeyMissing).cause).toEqual(new Error('The key ring has no key "k1" (it has k2).'));
  expect(JSON.stringify(missing) + String(missing)).not.toMatch(/k1|k2/);
});

describe('bound to a recipient', () => {
  const bound: SecretOwner = { ...owner, recipient: ['https://api.cloud.im/marketplace/na', 'ann'] };
  const accepting = KeyRing.parse(JSON.stringify({ current: 'k1', keys: { k1 } }), { acceptsUnbound: true });

  it.each([
    ['another address', ['https://evil.example/marketplace/na', 'ann']],
    ['another user', ['https://api.cloud.im/marketplace/na', 'bob']],
    ['the same words in other places', ['https://api.cloud.im/marketplace/na","ann', '']],
    ['fewer', ['https://api.cloud.im/marketplace/na']],
    ['none', undefined],
  ])('opens for it and not for %s', (_, recipient) => {
    const sealed = seal(ring, 'hunter2', bound);
    expect(sealed.startsWith('s2.k1.')).toBe(true);
    expect(open(ring, sealed, bound).reveal()).toBe('hunter2');
    expect(() => open(ring, sealed, { ...bound, recipient })).toThrow(SecretNotOpened);
    expect(() => reseal(rotated, sealed, { ...bound, recipient })).toThrow(SecretNotOpened);
  });

  it('cannot be made unbound by writing so', () => {
    const sealed = seal(ring, 'hunter2', bound).replace(/^s2/, 's1');
    for (const keys of [ring, accepting]) {
      expect(() => open(keys, sealed, bound)).toThrow(SecretNotOpened);
      expect(() => open(keys, sealed, owner)).toThrow(SecretNotOpened);
    }
  });

  /** Sealed by the release before secrets were bound, with the key of `earlier`. */
  const unbound =
    's1.k1.08xdoIaBfs3y4UV68UFaTKJ_Hcyypo8PkG0vXqarDk5POfWDwRIMcSrf1WswcmNlQpHO7Gf-wDSQ_eHM.BMUCqknLQvSetYXjsFypXfOY91WhlbPQGs1WhB799slvwak';
  const earlier = (options?: { acceptsUnbound: boolean }) =>
    KeyRing.parse(
      JSON.stringify({ current: 'k1', keys: { k1: Buffer.alloc(32, 'k1').toString('base64') } }),
      options,
    );

  it('an older secret that is not bound opens only where that is accepted, until it is bound', () => {
    expect(() => open(earlier(), unbound, bound)).toThrow(/not bound to the address/);
    const lenient = earlier({ acceptsUnbound: true });
    expect(open(lenient, unbound, bound).reveal()).toBe('hunter2');
    expect(needsReseal(lenient, unbound, bound)).toBe(false);
    expect(needsReseal(earlier(), unbound, bound)).toBe(true);
    const now = reseal(earlier(), unbound, bound);
    expect(needsReseal(earlier(), now, bound)).toBe(false);
    expect(open(earlier(), now, bound).reveal()).toBe('hunter2');
    expect(() => open(earlier(), now, { ...bound, recipient: ['https://evil.example', 'ann'] })).toThrow(
      SecretNotOpened,
    );
  });

  it('is sealed as older releases open it while they run', () => {
    expect(seal(accepting, 'hunter2', bound).startsWith('s1.')).toBe(true);
  });
});

it('cannot be moved under another key of the ring', () => {
  const text = seal(ring, 'hunter2', owner).replace('s1.k1.', 's1.k2.');
  expect(() => open(rotated, text, owner)).toThrow(SecretNotOpened);
});

it.each([
  ['no JSON', 'hunter2-key'],
  ['no keys', '{"current":"k1"}'],
  ['an unknown current key', JSON.stringify({ current: 'k9', keys: { k1 } })],
  ['a short key', JSON.stringify({ current: 'k1', keys: { k1: 'aHVudGVyMg==' } })],
])('a ring with %s is refused without repeating it', (_, text) => {
  let refusal: unknown;
  try {
    KeyRing.parse(text);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(InvalidKeyRing);
  expect(inspect(refusal, { depth: 9 })).not.toMatch(/hunter2|aHVudGVyMg/);
});

it('a secret never prints', () => {
  const secret = new Secret('hunter2');
  const prints = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    String(secret),
    inspect(ring, { showHidden: true }),
  ];
  for (const print of prints) expect(print).not.toMatch(/hunter2/);
  expect(inspect(ring, { showHidden: true })).not.toContain(k1);
  expect(secret.reveal()).toBe('hunter2');
});
