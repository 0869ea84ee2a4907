import fc from 'fast-check';
import { Secrets } from './secrets.ts';

const password = 'Tr0ub4dor&3 "x"/ü+';
const key = '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1';
const token = 'q7Zk-0pAqueSess1onT0ken_xYw9';
const secrets = new Secrets(password, key);
secrets.learn(token);

const htmlEscaped = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!,
  );
const base64 = (before: number, after: number, to: BufferEncoding) => (text: string) =>
  Buffer.from('k'.repeat(before) + text + 'k'.repeat(after)).toString(to);

const spellings: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'in capitals': (text) => text.toUpperCase(),
  'in small letters': (text) => text.toLowerCase(),
  'without its first character': (text) => text.slice(1),
  'without its first two characters': (text) => text.slice(2),
  'without its last two characters': (text) => text.slice(0, -2),
  'cut in half': (text) => text.slice(0, Math.ceil(text.length / 2) + 1),
  'for HTML': htmlEscaped,
  'for HTML, in numbers': (text) => text.replace(/./gsu, (c) => `&#${c.codePointAt(0)};`),
  'for HTML, in hexadecimal numbers': (text) =>
    text.replace(/./gsu, (c) => `&#x${c.codePointAt(0)!.toString(16)};`),
  'for HTML, twice': (text) => htmlEscaped(htmlEscaped(text)),
  'for a URL': encodeURIComponent,
  'for a URL, every byte': (text) =>
    [...Buffer.from(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join(''),
  'for a URL, twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'for a form': (text) => new URLSearchParams({ p: text }).toString().slice(2),
  'for JSON': (text) => JSON.stringify(text).slice(1, -1),
  'for JSON, in escapes': (text) =>
    [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'for JSON, twice': (text) => JSON.stringify(JSON.stringify(text)),
  'in Base64': base64(0, 0, 'base64'),
  'in Base64 after a byte': base64(1, 0, 'base64'),
  'in Base64 after two bytes': base64(2, 1, 'base64'),
  'in Base64 after a user name': base64(3, 0, 'base64'),
  'in Base64 for URLs': base64(0, 0, 'base64url'),
  'in Base64 for URLs, after a byte': base64(1, 2, 'base64url'),
  'in Base64 for URLs, after two bytes': base64(2, 0, 'base64url'),
  'in Base64, for a URL': (text) => encodeURIComponent(base64(0, 0, 'base64')(text)),
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in hexadecimal capitals': (text) => Buffer.from(text).toString('hex').toUpperCase(),
};

/** The longest piece of one text that is in another. */
function longestShared(text: string, other: string): string {
  let longest = '';
  for (let from = 0; from < text.length; from++)
    while (other.includes(text.slice(from, from + longest.length + 1)) && from + longest.length < text.length)
      longest = text.slice(from, from + longest.length + 1);
  return longest;
}

describe.each(Object.entries(spellings))('a secret that is echoed %s', (_, spell) => {
  it.each([
    ['password', password],
    ['key', key],
    ['token of a session', token],
  ])('is not shown: %s', (_name, secret) => {
    const spelt = spell(secret);
    const shown = secrets.redact(`The value ${spelt} is not valid, said the gateway.`);
    expect(shown).toMatch(/^The value .*\[redacted\].* is not valid, said the gateway\.$/s);
    expect(longestShared(spelt, shown).length).toBeLessThan(8);
  });

  it('is not shown, whatever it is and whatever stands around it', () => {
    const around = fc.constantFrom('', ' ', '=', '"', '?key=', ': ', '<b>', '&', ' (', '.');
    fc.assert(
      fc.property(fc.string({ minLength: 12, maxLength: 60 }), around, around, (secret, before, after) => {
        // A run of the same few characters is found in any text.
        fc.pre(new Set(secret.toLowerCase()).size > 8 && secret.trim() === secret);
        const spelt = spell(secret);
        const shown = new Secrets(secret).redact(`Rejected ${before}${spelt}${after} today`);
        expect(longestShared(spelt, shown).length).toBeLessThan(10);
      }),
      { numRuns: 200 },
    );
  });
});

it('takes a token for a secret from the moment it is learnt, and the last few of them', () => {
  const one = new Secrets();
  const tokens = Array.from({ length: 12 }, (_, n) => `opaque.${n}.${'abcdefghijkl'[n]}wxyz.session`);
  const echo = (t: string) => `The token ${t} is no longer valid.`;
  expect(one.redact(echo(tokens[11]!))).toBe(echo(tokens[11]!));
  for (const t of tokens) one.learn(t);
  for (const t of tokens.slice(-8))
    expect(one.redact(echo(t))).toBe('The token [redacted] is no longer valid.');
});

it.each([
  'Customer 1000001 (3fa85f64-5717-4562-b3fc-2c963f66afa6) has no subscription 10456789012345678901.',
  'POST /marketplace/na/customers/3fa85f64-5717-4562-b3fc-2c963f66afa6/orders/12345 failed.',
  'Order CH001584 / PO-2026-000123 of MPN CFQ7TTC0LGZT:0001 exceeds 300 seats.',
  'com.ingrammicro.cloud.OrderNotFoundException: No entity has been found, a8n-4711.',
  'This order prohibits placing an order until 2026-11-27T10:00:00Z.',
])('keeps what people search for: %s', (text) => {
  expect(secrets.redact(text)).toBe(text);
});

it.each([
  'dGhpcyBpcyBzb21lIHNlY3JldCB0b2tlbg==',
  'sk_live_51H8xYzAbCdEfGhIjKl',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc',
])('takes the opaque word %s for a token, though nobody knows it', (word) => {
  expect(secrets.redact(`Token ${word} was refused.`)).toBe('Token [redacted] was refused.');
});

it('shows a message that has no secret as it is, however short the secrets are', () => {
  const short = new Secrets('ab', 'q1z', 'Pa55');
  const message = 'Access token is missing, expired or invalid; pass the password of the partner.';
  expect(short.redact(message)).toBe(message);
  expect(short.redact('q1z is wrong')).toBe('[redacted] is wrong');
});
