import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { describedParameter } from '../openapi/describe.ts';
import { Problem } from './problem.ts';

/** Return this from a handler if the status or the headers depend on the result. */
export class ApiResponse<T = unknown> {
  constructor(
    readonly status: number,
    readonly body: T,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  static created<T>(
    location: string,
    body: T,
    headers: Readonly<Record<string, string>> = {},
  ): ApiResponse<T> {
    return new ApiResponse(201, body, { location, ...headers });
  }

  static accepted<T>(
    location: string,
    body: T,
    headers: Readonly<Record<string, string>> = {},
  ): ApiResponse<T> {
    return new ApiResponse(202, body, { location, ...headers });
  }

  static ok<T>(body: T, headers: Readonly<Record<string, string>> = {}): ApiResponse<T> {
    return new ApiResponse(200, body, headers);
  }

  static noContent(headers: Readonly<Record<string, string>> = {}): ApiResponse<undefined> {
    return new ApiResponse(204, undefined, headers);
  }
}

/** Formats a database timestamp for the API: ISO 8601, UTC. */
export function isoTime(time: Date | string): string {
  return new Date(time).toISOString();
}

/** Like `isoTime`, but accepts null. */
export function isoTimeOrNull(time: Date | string | null): string | null {
  return time === null ? null : isoTime(time);
}

/** The strong entity tag of a version, e.g. `"7"`. */
export function etag(version: number): string {
  return `"${version}"`;
}

/** Responds with 200, the resource and its `ETag`. */
export function withEtag<T>(body: T, version: number): ApiResponse<T> {
  return ApiResponse.ok(body, { etag: etag(version) });
}

/**
 * Reads an `If-Match` header as the version it names.
 * @throws Problem 428 without the header, 412 for an ETag that we did not issue
 */
export function readIfMatch(header: string | undefined): number {
  if (header === undefined || header.trim() === '') {
    throw new Problem({
      status: 428,
      type: 'if-match-required',
      title: 'If-Match is required',
      detail: 'A change must specify the version it is based on.',
      nextStep: 'Read the resource and send its ETag in the If-Match header.',
    });
  }
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw staleVersion();
  return Number(version);
}

/** 412: the resource has changed since the caller read it. */
export function staleVersion(current?: number): Problem {
  return new Problem({
    status: 412,
    type: 'stale-version',
    title: 'The resource has changed',
    detail: 'If-Match does not match the current version.',
    nextStep: 'Read the resource again, check what has changed, and repeat the change with the new ETag.',
    more: current === undefined ? undefined : { currentVersion: current },
  });
}

/** @throws Problem 412 unless `expected` is the current version */
export function requireVersion(expected: number, current: number): void {
  if (expected !== current) throw staleVersion(current);
}

const ifMatch = createParamDecorator((_: unknown, context: ExecutionContext): number =>
  readIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/** Parameter decorator: the version number in `If-Match`; 428 without it. */
export const IfMatch = (): ParameterDecorator =>
  describedParameter(ifMatch(), {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The ETag of the version the change is based on.',
    schema: { type: 'string' },
    problems: { 412: 'The resource has changed since.', 428: 'If-Match is missing.' },
  });
