import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { BadKeyRing, KeyRing, SecretKeyMissing, SecretNotOpened } from './key-ring.ts';
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
  expect(needsReseal(rotated, old)).toBe(true);
  const fresh = reseal(rotated, old, owner);
  expect(needsReseal(rotated, fresh)).toBe(false);
  expect(open(afterwards, fresh, owner).reveal()).toBe('hunter2');
});

it('names the key that is missing', () => {
  const old = seal(ring, 'hunter2', owner);
  expect(() => open(afterwards, old, owner)).toThrow(SecretKeyMissing);
  expect(() => open(afterwards, old, owner)).toThrow(/no key "k1" \(it has k2\)/);
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
  expect(refusal).toBeInstanceOf(BadKeyRing);
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
