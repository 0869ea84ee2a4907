/** Quotes a third-party message inside our own text, in a form that can be found and redacted later. */
export const quoted = (words: string): string => `"${words.replaceAll('"', "'")}"`;

const said = /\b(CMP (?:said|(?:rejected|refused) the order)): "[^"]*"/g;

/** Redacts the CMP messages quoted in a text; only users who may read the record see them. Stored texts may still contain "refused". */
export const redactQuotedMessages = (sentence: string): string =>
  sentence.includes('CMP ') ? sentence.replace(said, '$1: [redacted, see the record]') : sentence;

const opaqueWord = /[A-Za-z0-9_+/=~-]{20,}/g;
/** Also as CMP writes them in its correlation ids: `a8n-54bc6dc3-f496-84c7-dfe9-f459db8564b3`. */
const uuids = /(?<![\dA-Za-z])(?:[\da-z]{1,4}-)?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\dA-Za-z])/gi;
/** A part of an address or of a name that someone has thought of, in one case or in camel case, and numbers. */
const readablePart = /^(?:\d*|v\d|[A-Z]{2,12}|(?:[A-Z]?[a-z]{2,})+)$/;

/**
 * Redacts substrings that could be a token or a key: at least 20 letters, digits and Base64 characters in a row. UUIDs, numbers,
 * and strings made of readable parts (`/marketplace/na/orders/12345`, `OrderNotFoundException`) remain, because users search for
 * them.
 */
export const redactOpaqueTokens = (text: string): string =>
  text.replace(opaqueWord, (word) => {
    const parts = word.replaceAll(uuids, '').split(/[_+/=~-]/);
    return parts.every((part) => readablePart.test(part)) ? word : '[redacted]';
  });

/** The path of an address without its query, and without segments that may be secrets, as in addresses that receivers of webhooks give out. */
export const shownPath = (address: string): string =>
  address
    .split(/[?#]/, 1)[0]!
    .split('/')
    .map((segment) => redactOpaqueTokens(segment))
    .join('/');
