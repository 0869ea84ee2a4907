import { addressed, day, oneOf, readAddress, text, wholeNumber, writeAddress, yesNo } from './search.ts';

const read = addressed({
  q: text,
  status: oneOf('failed', 'held'),
  linked: yesNo,
  page: wholeNumber,
  from: day,
});

it('reads what an address says, as what it is', () => {
  expect(read(readAddress('?q=Adatum+%26+Co&status=held&linked=false&page=7&from=2026-11-27'))).toEqual({
    q: 'Adatum & Co',
    status: 'held',
    linked: false,
    page: 7,
    from: '2026-11-27',
  });
});

it('drops what makes no sense there: anybody can type an address', () => {
  expect(read(readAddress('?q=&status=exploded&linked=maybe&page=1.5&from=2026-13-45&other=1'))).toEqual({});
  expect(read({ q: { a: 1 }, status: ['held'], linked: 1, page: '', from: 20261127 })).toEqual({});
});

it('keeps a number that somebody searches for a text', () => {
  expect(read(readAddress('?q=1300701'))).toEqual({ q: '1300701' });
  expect(read({ q: 1300701 })).toEqual({ q: '1300701' });
});

it('writes addresses that people can read, and reads back what it wrote', () => {
  const search = { q: 'a=b&c', status: ['failed', 'held'], linked: true, none: undefined, empty: '' };
  expect(writeAddress(search)).toBe('?q=a%3Db%26c&status=failed&status=held&linked=true');
  expect(readAddress(writeAddress(search))).toEqual({
    q: 'a=b&c',
    status: ['failed', 'held'],
    linked: 'true',
  });
  expect(writeAddress({ none: undefined })).toBe('');
});
