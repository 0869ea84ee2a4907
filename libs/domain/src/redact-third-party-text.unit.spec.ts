import fc from 'fast-check';
import { quoted, redactOpaqueTokens, redactQuotedMessages } from './redact-third-party-text.ts';

it('leaves out what CMP said, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (words, more) => {
      const sentence = `CMP rejected orders.place: business. CMP said: ${quoted(words)}. Try again. CMP rejected the order: ${quoted(more)}.`;
      expect(redactQuotedMessages(sentence)).toBe(
        'CMP rejected orders.place: business. CMP said: [redacted, see the record]. Try again. ' +
          'CMP rejected the order: [redacted, see the record].',
      );
    }),
  );
});

it('leaves out a quotation in texts that an earlier release has stored', () => {
  expect(redactQuotedMessages('CMP refused the order: "token abc". Wait.')).toBe(
    'CMP refused the order: [redacted, see the record]. Wait.',
  );
});

it('leaves a sentence alone that quotes something else', () => {
  const sentence = 'Row 3: TOTAL is "1,5", which is no amount. CMP is unavailable.';
  expect(redactQuotedMessages(sentence)).toBe(sentence);
});

it.each([
  '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  'a8n-54bc6dc3-f496-84c7-dfe9-f459db8564b3',
  '/v1/orders/3fa85f64-5717-4562-b3fc-2c963f66afa6/steps',
  '12345678901234567890123',
  '/services/account-sync/rated-reports',
  'HttpMessageNotReadableException',
])('takes %s for something that people search for', (word) => {
  expect(redactOpaqueTokens(`a ${word} b`)).toBe(`a ${word} b`);
});

it('takes words of random letters and digits for tokens', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...letters), { minLength: 32, maxLength: 64 }), (word) => {
      const text = word.join('');
      fc.pre(/\d/.test(text) && /[a-z]\d|\d[a-z]/i.test(text));
      expect(redactOpaqueTokens(`a ${text} b`)).toBe('a [redacted] b');
    }),
  );
});
