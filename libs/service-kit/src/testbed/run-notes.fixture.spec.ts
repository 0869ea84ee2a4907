import { Writable } from 'node:stream';
import { freshDatabase, testIssuer, type TestIssuer } from '@isthmus/testing';
import type { Environment } from '../config.ts';
import { createService, type RunningService } from '../service.ts';
import type { ServiceOptions } from '../service-options.ts';
import { notesService } from './notes.module.ts';

export interface RunningNotes {
  service: RunningService;
  issuer: TestIssuer;
  url: string;
  /** Everything logged so far. */
  log: () => string;
  call(
    method: string,
    path: string,
    more?: { token?: string | null; body?: unknown; headers?: Record<string, string> },
  ): Promise<Called>;
  close(): Promise<void>;
}

export interface Called {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { errors?: { field: string; message: string }[] };
}

/** The test service on a free port with a database of its own. */
export async function runNotes(
  options: Partial<ServiceOptions> = {},
  env: Environment = {},
): Promise<RunningNotes> {
  const [database, issuer] = await Promise.all([freshDatabase('notes'), testIssuer()]);
  const lines: string[] = [];
  const logTo = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  const overrides = {
    PORT: '0',
    DATABASE_URL: database.url,
    NATS_URL: process.env.TEST_NATS_URL,
    LOG_LEVEL: 'debug',
    ...issuer.env,
    ...env,
  };
  const service = await createService({ ...notesService, ...options }, overrides, { logTo });
  await service.migrate();
  const url = await service.listen();
  const admin = await issuer.token();
  return {
    service,
    issuer,
    url,
    log: () => lines.join(''),
    call: async (method, path, { token = admin, body, headers } = {}) => {
      const answer = await fetch(url + path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.headers,
        body: text.startsWith('{') ? JSON.parse(text) : { text },
      };
    },
    close: async () => {
      await service.close();
      await Promise.all([database.drop(), issuer.close()]);
    },
  };
}
