import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, type INestApplication, Inject, Param, Res } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open, Produces } from '../auth/access.ts';
import { problemForStatus } from '../http/problem.ts';
import type { DocumentOptions } from './build-document.ts';

/** The running service's API document, built when it is first read. */
export class ApiDocument {
  #app?: INestApplication;
  #made?: Promise<OpenAPIObject>;

  constructor(private readonly options: DocumentOptions) {}

  describe(app: INestApplication): void {
    this.#app = app;
  }

  read(): Promise<OpenAPIObject> {
    this.#made ??= this.make();
    return this.#made;
  }

  private async make(): Promise<OpenAPIObject> {
    if (!this.#app) throw new Error('The API document was requested before the application was created.');
    // Loaded here: the schema generator costs a tenth of a second that no start should pay.
    const { buildDocument } = await import('./build-document.ts');
    return buildDocument(this.#app, this.options);
  }
}

/** A map, because an object has inherited members such as `constructor`. */
const types = new Map([
  ['swagger-ui.css', 'text/css'],
  ['swagger-ui-bundle.js', 'text/javascript'],
  ['swagger-ui-bundle.js.map', 'application/json'],
  ['favicon-32x32.png', 'image/png'],
]);

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>API</title>
    <link rel="stylesheet" href="docs/swagger-ui.css" />
    <link rel="icon" href="docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/** Relative addresses, so that the page also works behind a path prefix. */
const script = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#ui', deepLinking: true, persistAuthorization: false });\n`;

interface DocumentFile {
  type: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** What is to be answered at a path: the API document, its page, or a file of that page. */
export async function documentFile(document: ApiDocument, path: string): Promise<DocumentFile | undefined> {
  if (path === '/openapi.json')
    return { type: 'application/json', headers: {}, body: JSON.stringify(await document.read()) };
  if (path === '/docs')
    return {
      type: 'text/html',
      headers: {
        'content-security-policy':
          "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
      },
      body: page,
    };
  const name = path.startsWith('/docs/') ? path.slice('/docs/'.length) : '';
  if (name === 'start.js') return { type: 'text/javascript', headers: {}, body: script };
  const type = types.get(name);
  if (!type) return undefined;
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return {
    type,
    headers: { 'cache-control': 'public, max-age=86400' },
    body: await readFile(join(folder, name)),
  };
}

/** The API document, and swagger-ui to read and try it; both without a network. */
@Controller()
export class DocumentController {
  constructor(@Inject(ApiDocument) private readonly document: ApiDocument) {}

  @Open()
  @Get('openapi.json')
  json(): Promise<object> {
    return this.document.read();
  }

  @Open()
  @Produces('text/html')
  @Get('docs')
  async page(@Res() reply: FastifyReply): Promise<void> {
    await this.send(reply, '/docs');
  }

  @Open()
  @Produces('text/css', 'text/javascript', 'image/png')
  @Get('docs/:file')
  async file(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    await this.send(reply, `/docs/${file}`);
  }

  private async send(reply: FastifyReply, path: string): Promise<void> {
    const found = await documentFile(this.document, path);
    if (!found) throw problemForStatus(404, `The API's page has no file ${path.slice('/docs/'.length)}.`);
    void reply.type(found.type).headers(found.headers).send(found.body);
  }
}
