/** A failed request, with everything that the service said about it. */
class RequestFailed extends Error {
  constructor(method, url, status, problem) {
    const fields = (problem.errors ?? []).map(({ field, message }) => `\n  ${field}: ${message}`).join('');
    super(
      `${method} ${url} failed with ${status}: ${problem.title ?? ''} ${problem.detail ?? ''}${fields}` +
        (problem.nextStep ? `\n  Next: ${problem.nextStep}` : '') +
        (problem.correlationId ? `\n  Correlation id: ${problem.correlationId}` : ''),
    );
    this.name = 'RequestFailed';
    this.status = status;
  }
}

/**
 * The HTTP API of one service, without the retries of the SDK: what fails here is what a client sees.
 * @param {string} base
 * @param {string} token
 */
export function api(base, token) {
  const authorization = `Bearer ${token}`;

  async function request(method, path, body, headers = {}) {
    const url = `${base}${path}`;
    const response = await fetch(url, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }), ...headers },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const answer = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new RequestFailed(method, url, response.status, answer ?? {});
    return answer;
  }

  return {
    get: (path) => request('GET', path),
    post: (path, body, headers) => request('POST', path, body ?? {}, headers),
    put: (path, body) => request('PUT', path, body),
    patch: (path, body, headers) => request('PATCH', path, body, headers),
  };
}
