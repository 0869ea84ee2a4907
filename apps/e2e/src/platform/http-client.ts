export interface HttpAnswer<T = any> {
  status: number;
  body: T;
  headers: Headers;
}

/** A client of one service as one user; answers every status, throws only when there is no answer. */
export class HttpClient {
  constructor(
    readonly baseUrl: string,
    readonly token: string,
  ) {}

  get<T = any>(path: string): Promise<HttpAnswer<T>> {
    return this.send('GET', path);
  }

  post<T = any>(path: string, body?: object, headers?: Record<string, string>): Promise<HttpAnswer<T>> {
    return this.send('POST', path, body, headers);
  }

  async send<T = any>(
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
