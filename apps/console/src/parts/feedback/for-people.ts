/** What only a program can act on: a method with a route, a parameter of one, or the sending of a request. */
const ofPrograms =
  /\b(?:GET|POST|PUT|PATCH|DELETE) \/|\/v1\/|\?[a-z]+=|\bJSON\b|\bIdempotency-Key\b|\bRetry-After\b|\bx-[a-z]+\b|\b(?:[Rr]epeat|[Ss]end) .*\brequests?\b|\blisted in errors\b/;

/** `PATCH /v1/connectors/{id}: ` before the words of an error of the SDK. */
const call = /^(?:GET|POST|PUT|PATCH|DELETE) \S+: /;

/**
 * Words of a service as a person at a screen reads them: without the sentences that tell a program what to send, and with
 * Ingram Micro and both kinds of accounts by the one name each has on screen.
 * @returns '' when nothing was for people
 */
export const forPeople = (words: string | null | undefined): string =>
  (words ?? '')
    .replace(call, '')
    .split(/(?<=[.!?]["”)]?)\s+(?=\p{Lu})/u)
    .filter((sentence) => !ofPrograms.test(sentence))
    .join(' ')
    .replace(/\bCMP\b/g, 'Ingram Micro')
    .replace(/\b[Tt]enant account/g, 'Work 365 account')
    .replace(/\b[Pp]rovider account/g, 'Ingram account')
    .replace(/([.!?]["”])\./g, '$1');

/** What happened and what to do next, as one text. */
export const saidOf = (
  said: { detail?: string | null; nextStep?: string | null } | null | undefined,
): string => [said?.detail, said?.nextStep].map(forPeople).filter(Boolean).join(' ');
