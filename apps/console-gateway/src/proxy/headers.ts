/** Headers by name, as Node and undici have them. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Of one connection, and not of the message that is passed on (RFC 9110, 7.6.1). */
const ofConnection = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What is between the browser and the gateway alone, what the gateway says itself, and `expect`, which it has answered. */
const ofGateway = new Set([
  ...ofConnection,
  'authorization',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'x-correlation-id',
  'x-csrf',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** Services set no cookies; if one did, it would not be for the browser. */
const ofService = new Set([...ofConnection, 'set-cookie']);

/** The headers of a request as its service gets them. */
export const requestHeaders = (headers: Headers): Record<string, string | string[]> =>
  without(headers, ofGateway);

/** The headers of a response as the client gets them. */
export const responseHeaders = (headers: Headers): Record<string, string | string[]> =>
  without(headers, ofService);

function without(headers: Headers, names: ReadonlySet<string>): Record<string, string | string[]> {
  const listed = String(headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !names.has(entry[0]) && !listed.includes(entry[0]),
    ),
  );
}
