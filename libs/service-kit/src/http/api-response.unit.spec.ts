import { etag, readIfMatch } from './api-response.ts';

it('reads back its own entity tags, strong or weakened by a proxy', () => {
  expect(readIfMatch(etag(7))).toBe(7);
  expect(readIfMatch(`W/${etag(7)}`)).toBe(7);
  expect(() => readIfMatch(undefined)).toThrow(expect.objectContaining({ status: 428 }));
  for (const foreign of ['*', '7', '"7", "8"', '"x"', '"-1"'])
    expect(() => readIfMatch(foreign)).toThrow(expect.objectContaining({ status: 412 }));
});
