import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { problemForStatus, type RouteAccess } from '@isthmus/service-kit';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConsoleGatewayEnv } from '../config.ts';
import { isPage, pageWithNonce, plainPage } from './page.ts';

/** Pages and their files are the same for everybody. */
const access: RouteAccess = {
  access: 'open',
  produces: ['text/html', 'text/css', 'text/javascript', 'image/png', 'font/woff2'],
};

/** Their names change with their content. */
const hashed = 'assets/';
/** Serves the built console: its files, and its page at every other address, where the page's own router takes over. */
@Injectable()
export class Pages implements OnModuleInit {
  #index: { html: string; changedAt: number } | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly env: ConsoleGatewayEnv,
  ) {}

  async onModuleInit(): Promise<void> {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    await server.register(async (scope) => {
      await scope.register(fastifyStatic, {
        root: this.env.pagesFolder,
        serve: false,
        cacheControl: false,
        // It would warn of a folder that is only there once pages are built.
        logLevel: 'silent',
      });
      scope.route({
        method: 'GET',
        url: '/*',
        config: access,
        handler: (request, reply) => this.#serve(request, reply),
      });
    });
  }

  async #serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const path = request.url.split('?', 1)[0] ?? '/';
    void reply.headers({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    });
    const file = await this.#fileAt(path);
    if (file !== undefined) {
      const lasting = file.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache';
      return reply.header('cache-control', lasting).sendFile(file);
    }
    const wantsPage = /text\/html|\*\/\*/.test(request.headers.accept ?? '*/*');
    if (!wantsPage || !isPage(path))
      throw problemForStatus(404, `There is no resource at ${path}; GET /openapi.json lists all routes.`);
    const { html, policy } = pageWithNonce(await this.#page());
    return reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(html);
  }

  /** The file of the console at a path, relative to its folder. */
  async #fileAt(path: string): Promise<string | undefined> {
    if (!/^\/(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.[a-z\d]+$/i.test(path) || path === '/index.html')
      return undefined;
    const found = await stat(join(this.env.pagesFolder, path)).catch(() => undefined);
    return found?.isFile() ? path.slice(1) : undefined;
  }

  /** Read again when it has been built again. */
  async #page(): Promise<string> {
    const file = join(this.env.pagesFolder, 'index.html');
    const found = await stat(file).catch(() => undefined);
    if (!found) return plainPage;
    if (this.#index?.changedAt !== found.mtimeMs)
      this.#index = { html: await readFile(file, 'utf8'), changedAt: found.mtimeMs };
    return this.#index.html;
  }
}
