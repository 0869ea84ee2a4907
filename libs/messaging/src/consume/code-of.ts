/** An error's code, as text. By shape, because an error may come from another realm, as Node's own do under Jest. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** What an error says. */
export function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return String(isError ? error.message : error);
}

/** The error, what caused it, what caused that, and so on. */
export function* causesOf(error: unknown): Generator {
  for (let at = error, depth = 0; at && depth < 5; depth += 1) {
    yield at;
    at = typeof at === 'object' && 'cause' in at ? at.cause : undefined;
  }
}
