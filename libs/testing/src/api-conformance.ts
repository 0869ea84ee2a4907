import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorObject, Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { root } from '../servers/index.mjs';

/*
 * Every response that a spec gets from a service by `fetch` is compared with the service's API document in docs/generated.
 * A spec whose service answers what its document does not say has failed, whatever it expects itself: spec-environment.mjs
 * asks for the mismatches after each test.
 */

type Json = Record<string, unknown>;
interface Operation {
  responses: Record<string, { content?: Record<string, unknown> } | undefined>;
}
interface Route {
  method: string;
  template: string;
  pattern: RegExp;
  operation: Operation;
}
interface Exchange {
  method: string;
  path: string;
  status: number;
  contentType: string;
  text: string;
}

/** The API document of a service, as something to compare answers with. */
export class ApiContract {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #routes: Route[];
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(
    private readonly service: string,
    document: object,
    /** Work 365 may have asked for names that begin with a capital letter. */
    private readonly anyCase = false,
  ) {
    addFormats.default(this.#ajv);
    const strict = structuredClone(document) as { paths: Record<string, Record<string, Operation>> };
    refuseUndocumented(strict);
    this.#ajv.addSchema({ ...strict, $id: 'document' });
    this.#routes = Object.entries(strict.paths)
      .flatMap(([template, item]) =>
        Object.entries(item).map(([method, operation]) => ({
          method: method.toUpperCase(),
          template,
          pattern: patternOf(template),
          operation,
        })),
      )
      // A fixed word comes before a parameter.
      .sort((a, b) => a.template.split('{').length - b.template.split('{').length);
  }

  has(method: string, path: string): boolean {
    return this.#routes.some((one) => one.method === method && one.pattern.test(path));
  }

  /** How the response differs from the document; empty if it does not, or if the route is not in it. */
  differences({ method, path, status, contentType, text }: Exchange): string[] {
    const route = this.#routes.find((one) => one.method === method && one.pattern.test(path));
    if (!route)
      return status >= 200 && status < 300 ? [`${method} ${path} ${status}: is in no document`] : [];
    const place = `${method} ${route.template} ${status}`;
    const wrong = (what: string): string => `${this.service}: ${place}: ${what}`;
    if (contentType.startsWith('application/problem+json'))
      return this.#check('#/components/schemas/Problem', text).map(wrong);
    const response = route.operation.responses[status];
    if (!response) return status < 300 ? [wrong('the document has no such status')] : [];
    const types = Object.keys(response.content ?? {});
    const type = types.find((one) => contentType.startsWith(one));
    if (text === '') return types.length > 0 && type !== undefined ? [wrong('the body is missing')] : [];
    if (!type) return [wrong(`the document has ${types.join(', ') || 'no body'}, not ${contentType}`)];
    if (!type.includes('json')) return [];
    const pointer = [
      'paths',
      route.template,
      method.toLowerCase(),
      'responses',
      status,
      'content',
      type,
      'schema',
    ];
    return this.#check(`#/${pointer.map(escapePointer).join('/')}`, text).map(wrong);
  }

  /** The same for an event of a stream. */
  eventDifferences(path: string, event: { event: string; data: object }): string[] {
    const pointer = ['paths', path, 'get', 'responses', 200, 'content', 'text/event-stream', 'schema'];
    return this.#check(`#/${pointer.map(escapePointer).join('/')}`, JSON.stringify(event));
  }

  #check(pointer: string, text: string): string[] {
    let validate = this.#validators.get(pointer);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `document${pointer}` });
      this.#validators.set(pointer, validate);
    }
    const body: unknown = JSON.parse(text);
    if (validate(this.anyCase ? uncapitalized(body) : body)) return [];
    return [...new Set(validate.errors!.map(inWords))];
  }
}

/** What a document does not mention, a client generated from it would not know. */
function refuseUndocumented(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as Json;
  if (schema.type === 'object' && schema.properties && schema.additionalProperties === undefined)
    schema.additionalProperties = false;
  for (const member of Object.values(schema)) refuseUndocumented(member);
}

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`);

const escapePointer = (part: string | number): string =>
  encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1'));

/** `/data/17/name` of one row is the same mistake as of another. */
function inWords({ instancePath, keyword, message = '', params }: ErrorObject): string {
  const place = instancePath.replace(/\/\d+(?=\/|$)/g, '[]') || 'the body';
  const detail =
    keyword === 'additionalProperties'
      ? `: ${String((params as Json).additionalProperty)}`
      : keyword === 'enum'
        ? `: ${JSON.stringify((params as Json).allowedValues)}`
        : '';
  return `${place} ${message}${detail}`;
}

function uncapitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(uncapitalized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      uncapitalized(member),
    ]),
  );
}

/** By service; undefined for one of a spec's own, which has no document. */
const contracts = new Map<string, ApiContract | undefined>();

export function apiContract(service: string): ApiContract | undefined {
  if (!contracts.has(service)) {
    const file = join(root, 'docs/generated/openapi', `${service}.json`);
    const document = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : undefined;
    contracts.set(service, document && new ApiContract(service, document, service === 'rest-provider'));
  }
  return contracts.get(service);
}

/**
 * What the response has to be like. The gateway's pages are no API, and what it passes on is another service's, or a stand-in's:
 * only what it serves itself is compared.
 */
function contractFor(service: string, method: string, path: string): ApiContract | undefined {
  const contract = apiContract(service);
  return service === 'console-gateway' && !contract?.has(method, path) ? undefined : contract;
}

/** Shared with spec-environment.mjs. */
interface Findings {
  pending: Set<Promise<void>>;
  mismatches: Set<string>;
  /** How many responses have been compared. */
  compared: number;
  endSpec(): void;
}
const findings: Findings = {
  pending: new Set(),
  mismatches: new Set(),
  compared: 0,
  // Another spec may find something else at the same port.
  endSpec: () => origins.clear(),
};
(globalThis as Json & typeof globalThis)[Symbol.for('isthmus.api-conformance') as never] = findings as never;

/** Origins whose responses are compared, with the service that listens there. */
const origins = new Map<string, string>();
let watching = false;

/** From now on, what `fetch` gets from this address has to be as the service's API document says. */
export function compareWithDocument(url: string, service: string): void {
  origins.set(new URL(url).origin, service);
  if (watching) return;
  watching = true;
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await original(input, init);
    const { origin, pathname } = new URL(response.url || String(input));
    const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
    const contract = origins.has(origin) ? contractFor(origins.get(origin)!, method, pathname) : undefined;
    const contentType = response.headers.get('content-type') ?? '';
    // A stream has no end to wait for.
    if (!contract || contentType.startsWith('text/event-stream')) return response;
    const compare = (text: string): void => {
      const exchange = { method, path: pathname, status: response.status, contentType, text };
      findings.compared += 1;
      for (const found of contract.differences(exchange)) findings.mismatches.add(found);
    };
    const compared = response
      .clone()
      .text()
      // The service went away in the middle of its response: the spec itself notices that.
      .then(compare, () => undefined)
      .catch((error: unknown) => void findings.mismatches.add(`${method} ${pathname}: ${String(error)}`))
      .finally(() => findings.pending.delete(compared));
    findings.pending.add(compared);
    return response;
  };
}
