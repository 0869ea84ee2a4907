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
 * The HTTP API of one service, as any client would use it.
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
    /** The server-sent events of a path, until the server or the signal ends them. */
    async *events(path, signal) {
      const response = await fetch(`${base}${path}`, {
        headers: { authorization, accept: 'text/event-stream' },
        signal,
      });
      if (!response.ok)
        throw new RequestFailed('GET', `${base}${path}`, response.status, await response.json());
      let text = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
          text = text.slice(end + 2);
          if (data) yield JSON.parse(data);
        }
      }
    },
  };
}
