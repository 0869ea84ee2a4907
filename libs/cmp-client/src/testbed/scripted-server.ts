import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer =
  | { status?: number; body?: unknown; headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

/** For specs of the client: a local HTTP server that answers each path from a queue of scripted answers, last one for ever. */
export class ScriptedServer {
  readonly seen: Seen[] = [];
  private readonly script = new Map<string, Answer[]>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  static async start(): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    await new Promise<void>((listening) => scripted.server.listen(0, '127.0.0.1', listening));
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  on(path: string, ...answers: Answer[]): this {
    this.script.set(path, answers);
    return this;
  }

  calls(path: string): Seen[] {
    return this.seen.filter(({ url }) => url.split('?')[0] === path);
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, url, headers, body: Buffer.concat(parts).toString() });
    const answers = this.script.get(url.split('?')[0]!) ?? [{ status: 404, body: '<html></html>' }];
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (typeof answer === 'function') return answer(response);
    const { status = 200, body = '', headers: more = {} } = answer;
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-correlation-id': 'a8n-test',
      ...more,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}
