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
  page(@Res() reply: FastifyReply): void {
    void reply
      .type('text/html')
      .header(
        'content-security-policy',
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
      )
      .send(page);
  }

  @Open()
  @Produces('text/css', 'text/javascript', 'image/png')
  @Get('docs/:file')
  async file(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    if (file === 'start.js') return void reply.type('text/javascript').send(script);
    const type = types.get(file);
    if (!type) throw problemForStatus(404, `The API's page has no file ${file}.`);
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    void reply
      .type(type)
      .header('cache-control', 'public, max-age=86400')
      .send(await readFile(join(folder, file)));
  }
}
