const tokenInJson = /("(?:token|access_token)"\s*:\s*")[^"]*/gi;
const authorization = /\b(Basic|Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g;
const jsonWebToken = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g;

/** Takes our secrets out of texts that come from outside, since an answer may echo what was sent. */
export class Secrets {
  // Hard-private here and in its neighbours: a dump of a client must not show what it keeps.
  readonly #known: string[];

  constructor(...secrets: string[]) {
    const printed = secrets.flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
    ]);
    // A secret of one or two characters would take half of every message with it and is no secret.
    this.#known = [...new Set(printed)]
      .filter((secret) => secret.length > 2)
      .sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    const shapes = text
      .replace(tokenInJson, '$1[redacted]')
      .replace(authorization, '$1 [redacted]')
      .replace(jsonWebToken, '[redacted]');
    return this.#known.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), shapes);
  }
}
