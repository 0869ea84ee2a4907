/**
 * CMP refuses. Thrown by resources and rules, sent in CMP's platform error shape with `status`; `message` is CMP's text and
 * has CMP's wording.
 */
export class CmpRefusal extends Error {
  override readonly name = 'CmpRefusal';
  readonly code = 'cmp-simulator.refused';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 500,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** CMP's own error: refusals, also those by business rules. `path` is without the marketplace prefix. */
export function platformError(
  status: number,
  message: string,
  path: string,
  correlationId: string,
  at: number,
): object {
  return {
    timeStamp: new Date(at).toISOString().replace('Z', '+00:00'),
    status,
    message,
    path,
    correlationId,
  };
}

/** The framework's error (Spring style): unreadable JSON, unknown paths. */
export function frameworkError(
  status: number,
  error: string,
  path: string,
  correlationId: string,
  at: number,
): object {
  return { timestamp: new Date(at).toISOString().replace('Z', '+00:00'), status, error, path, correlationId };
}

/** The gateway's error (Azure API Management). */
export function gatewayError(statusCode: number, message: string): object {
  return { statusCode, message };
}

/** The page of the proxy in front, nginx, for a status such as 504 Gateway Time-out. */
export function proxyPage(status: number, words: string): string {
  return `<html>\r\n<head><title>${status} ${words}</title></head>\r\n<body>\r\n<center><h1>${status} ${words}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

/** The message for a call whose token is missing or whose session has ended. */
export const deadToken = 'Access token is missing, expired or invalid';
