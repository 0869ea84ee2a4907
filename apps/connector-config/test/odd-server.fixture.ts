import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface OddServer {
  url: string;
  /** Requests it was sent. */
  readonly requests: { url: string; headers: NodeJS.Dict<string | string[]> }[];
  close(): Promise<void>;
}

/** A server that is not CMP, or not as CMP should be. */
export async function oddServer(
  answer: RequestListener,
  tls?: { key: string; cert: string },
): Promise<OddServer> {
  const requests: OddServer['requests'] = [];
  const listener: RequestListener = (request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers });
    answer(request, response);
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/marketplace/na`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Signed by itself and for tests only: no machine trusts it. */
export const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggko2K+Zds40NMNwr
MSVYoS+sBg/Uumwfp2MkB1x8pEWhRANCAASWVJe7YkiVZ948oI1K/D/gZSbsykga
+C5WSH0pApwcPNdyq9VZmiuiDt482IX+nlfsm1pEs6TWVAXfcNjEEnLh
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUUtvNagbWCl5LeNb8gT0wx/pbHDgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMjE1MDkyMloYDzIxMjYxMDI5
MTUwOTIyWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASWVJe7YkiVZ948oI1K/D/gZSbsykga+C5WSH0pApwcPNdyq9VZmiui
Dt482IX+nlfsm1pEs6TWVAXfcNjEEnLho2QwYjAdBgNVHQ4EFgQU2Nc8/Z5ooQiX
FnFIuZdhfw+qKy0wHwYDVR0jBBgwFoAU2Nc8/Z5ooQiXFnFIuZdhfw+qKy0wDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
IEL/S5C/HQuPQeow3uCWXVk+PTdmi5Eugjq5Rm4LwRXCAiA7770krpY+tdS9yNGS
V8P8lktKnnnZVlw5Z/huIOHN5w==
-----END CERTIFICATE-----
`,
};
