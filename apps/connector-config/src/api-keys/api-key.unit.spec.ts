import { createHash } from 'node:crypto';
import { newApiKey } from './api-key.entity.ts';

it('makes keys of 32 random bytes whose hash and prefix are all that is kept', () => {
  const [one, two] = [newApiKey(), newApiKey()];
  expect(one.key).not.toBe(two.key);
  expect(Buffer.from(one.key.slice('isthmus_'.length), 'base64url')).toHaveLength(32);
  expect(one.key.startsWith(one.prefix)).toBe(true);
  expect(one.hash).toBe(createHash('sha256').update(one.key).digest('hex'));
});
