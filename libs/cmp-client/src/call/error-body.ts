import { storable } from '../records/fields.ts';
import type { Secrets } from './secrets.ts';

/** The four shapes in which CMP and what stands before it report errors, and anything else. */
export type ErrorShape = 'platform' | 'framework' | 'gateway' | 'html' | 'other';

export interface ErrorBody {
  shape: ErrorShape;
  status?: number;
  message?: string;
  correlationId?: string;
}

const longestMessage = 500;

/** Reads an error body; `json` is the parsed text, undefined when it is not JSON. */
export function readErrorBody(text: string, json: unknown, secrets: Secrets): ErrorBody {
  const body = json === undefined ? readHtml(text) : readJson(json);
  return {
    ...body,
    message: body.message && storable(secrets.redact(body.message).slice(0, longestMessage)),
  };
}

function readJson(json: unknown): ErrorBody {
  if (typeof json !== 'object' || json === null) return { shape: 'other' };
  const { statusCode, status, message, error, correlationId } = json as Record<string, unknown>;
  const words = asText(message) ?? asText(error);
  const id = asText(correlationId);
  if (typeof statusCode === 'number')
    return { shape: 'gateway', status: statusCode, message: words, correlationId: id };
  if (typeof status !== 'number') return { shape: 'other', message: words, correlationId: id };
  // Spring writes `timestamp` and `error`, the platform `timeStamp` and `message`.
  const shape = typeof message === 'string' ? 'platform' : 'framework';
  return { shape, status, message: words, correlationId: id };
}

function readHtml(text: string): ErrorBody {
  if (!/^\s*</.test(text)) return { shape: 'other', message: text.trim() || undefined };
  const title = /<(title|h1)[^>]*>([^<]*)</i.exec(text.slice(0, 10_000))?.[2]?.trim();
  return { shape: 'html', message: title || 'an HTML page' };
}

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? storable(value) : undefined;
