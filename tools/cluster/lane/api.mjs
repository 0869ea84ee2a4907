/** A failed request, with everything that the service said about it. */
class RequestFailed extends Error {
  constructor(method, url, status, problem) {
    const fields = (problem.errors ?? []).map(({ field, message }) => `; ${field}: ${message}`).join('');
    super(`${method} ${url}: ${status} ${problem.title ?? ''} ${problem.detail ?? ''}${fields}`);
    this.name = 'RequestFailed';
    this.status = status;
  }
}

/**
 * The HTTP API of one service. Not by the SDK, which would repeat what fails: here every failure counts.
 * @param {string} base
 * @param {string} token
 */
export function api(base, token) {
  async function request(method, path, body, headers = {}) {
    const url = `${base}${path}`;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
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
  };
}
