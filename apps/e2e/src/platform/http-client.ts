import { connect, type Isthmus } from '@isthmus/sdk';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- stories read answers as an outside program does, untyped
export type Untyped = any;

export interface HttpAnswer<T = Untyped> {
  status: number;
  body: T;
  headers: Headers;
}

/** A client of one service as one user; returns every status, throws only if there is no response. */
export class HttpClient {
  /** The same by the SDK, as programs use it: throws what is no success. */
  readonly sdk: Isthmus;

  constructor(
    readonly baseUrl: string,
    readonly token: string,
  ) {
    this.sdk = connect({ baseUrl, token });
  }

  get<T = Untyped>(path: string): Promise<HttpAnswer<T>> {
    return this.send('GET', path);
  }

  post<T = Untyped>(path: string, body?: object, headers?: Record<string, string>): Promise<HttpAnswer<T>> {
    return this.send('POST', path, body, headers);
  }

  async send<T = Untyped>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer<T>> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text ? JSON.parse(text) : undefined) as T,
      headers: response.headers,
    };
  }
}
