import type { INestApplicationContext } from '@nestjs/common';
import type { ServiceOptions } from '../service-options.ts';
import type { OpenApiDocument } from './document-types.ts';

/** The running service's API document, made when it is first asked for. */
export class ApiDocument {
  #app?: INestApplicationContext;
  #made?: Promise<OpenApiDocument>;

  constructor(
    private readonly options: Pick<ServiceOptions, 'service' | 'title' | 'description' | 'apiKeys'>,
  ) {}

  describe(app: INestApplicationContext): void {
    this.#app = app;
  }

  read(): Promise<OpenApiDocument> {
    this.#made ??= this.make();
    return this.#made;
  }

  private async make(): Promise<OpenApiDocument> {
    if (!this.#app) throw new Error('The API document was asked for before the application was made.');
    // Loaded here: the schema generator costs a tenth of a second that no start should pay.
    const { buildDocument } = await import('./build-document.ts');
    return buildDocument(this.#app, this.options);
  }
}
