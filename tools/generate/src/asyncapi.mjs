import { requestContracts, eventContracts, eventSubjects } from '@isthmus/contracts';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { stringify } from 'yaml';

/** All messages on the bus, as AsyncAPI 3.0: https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export async function asyncApi() {
  return { 'asyncapi.yaml': heading + stringify(asyncApiDocument(), { lineWidth: 120 }) };
}

export function asyncApiDocument() {
  const schemas = new PayloadSchemas();
  const channels = {};
  const operations = {};
  const messages = {};
  const add = (contract, action, operation) => {
    const { name } = contract.type;
    channels[name] = {
      ...addressOf(contract),
      messages: { [name]: { $ref: `#/components/messages/${name}` } },
    };
    messages[name] = messageOf(contract, schemas);
    operations[operation] = {
      action,
      channel: { $ref: `#/channels/${name}` },
      summary: contract.summary,
      tags: [{ name: contract.producer ?? contract.service }],
      messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    };
  };
  for (const contract of eventContracts()) add(contract, 'send', `publish${contract.type.name}`);
  for (const contract of requestContracts()) {
    const operation = `respondTo${contract.type.name}`;
    add(contract, 'receive', operation);
    addReply(contract, schemas, { channels, operations, messages, operation });
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Isthmus',
      version: '1.0.0',
      description:
        'The messages that services exchange over NATS. Events are facts on JetStream, delivered at least once; requests ' +
        'request and reply.',
    },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: {
      messages,
      schemas: sorted(schemas.components),
      parameters: { tenant },
      messageTraits: { cloudEvent },
    },
  };
}

/** An event's subject has the tenant for a token. */
const addressOf = (contract) =>
  contract.kind === 'request'
    ? { address: contract.subject }
    : {
        address: eventSubjects(contract, '{tenant}'),
        parameters: { tenant: { $ref: '#/components/parameters/tenant' } },
      };

function messageOf(contract, schemas) {
  const message = {
    name: contract.type.name,
    title: contract.type.name,
    summary: contract.summary,
    contentType: 'application/json',
  };
  if (contract.kind !== 'request') message.traits = [{ $ref: '#/components/messageTraits/cloudEvent' }];
  return {
    ...message,
    payload: contract.kind === 'request' ? requestOf(schemas.ref(contract.type)) : schemas.ref(contract.type),
  };
}

function addReply(contract, schemas, { channels, operations, messages, operation }) {
  const { response } = contract.type;
  const channel = `${contract.type.name}Reply`;
  channels[channel] = {
    address: null,
    messages: { [response.name]: { $ref: `#/components/messages/${response.name}` } },
  };
  messages[response.name] = {
    name: response.name,
    title: response.name,
    contentType: 'application/json',
    payload: replyOf(schemas.ref(response)),
  };
  operations[operation].reply = {
    address: { location: '$message.header#/reply', description: "NATS's own reply subject." },
    channel: { $ref: `#/channels/${channel}` },
    messages: [{ $ref: `#/channels/${channel}/messages/${response.name}` }],
  };
}

/** The wire format of Nest's NATS transport. */
const requestOf = (data) => ({
  type: 'object',
  required: ['pattern', 'data', 'id'],
  properties: { pattern: { type: 'string' }, id: { type: 'string' }, data },
});

const replyOf = (response) => ({
  type: 'object',
  required: ['id', 'isDisposed'],
  properties: {
    id: { type: 'string' },
    isDisposed: { const: true },
    response,
    err: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
});

const text = (description) => ({ type: 'string', description });

const tenant = {
  description:
    'The tenant that the event belongs to: its id, a UUID in lower case. `*` subscribes to every tenant that the client may read.',
};

/** CloudEvents 1.0 in binary mode. */
const cloudEvent = {
  headers: {
    type: 'object',
    required: [
      'ce-specversion',
      'ce-id',
      'ce-source',
      'ce-type',
      'ce-time',
      'ce-subject',
      'ce-tenantid',
      'ce-correlationid',
      'ce-aggregateversion',
    ],
    properties: {
      'ce-specversion': { const: '1.0' },
      'ce-id': text("The event's id; equal for every delivery of it."),
      'ce-source': text('/isthmus/<service>'),
      'ce-type': text('Which event it is: its subject without the tenant.'),
      'ce-time': { type: 'string', format: 'date-time' },
      'ce-subject': text("The aggregate's id."),
      'ce-tenantid': { type: 'string', format: 'uuid' },
      'ce-correlationid': text('Shared by everything that one command causes.'),
      'ce-aggregateversion': text(
        'A whole number; a consumer may ignore events older than the version it knows.',
      ),
      'Nats-Msg-Id': text('JetStream uses it to drop duplicates.'),
      traceparent: text('W3C Trace Context.'),
    },
  },
};

const heading = '# Generated by `npm run generate` from libs/contracts. Do not edit.\n';

const sorted = (record) =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const builtIn = new Set([String, Number, Boolean, Date, Object, Array]);

/** JSON schemas of contract classes, out of the decorators that check them. */
class PayloadSchemas {
  components = {};

  /** A reference to the class's schema, which is made on first use together with those it refers to. */
  ref(type) {
    if (!(type.name in this.components)) {
      this.components[type.name] = {};
      this.components[type.name] = this.#schemaOf(type);
    }
    return { $ref: `#/components/schemas/${type.name}` };
  }

  #schemaOf(type) {
    const schema = targetConstructorToSchema(type, {
      classTransformerMetadataStorage: defaultMetadataStorage,
      classValidatorMetadataStorage: getMetadataStorage(),
      refPointerPrefix: '#/components/schemas/',
      additionalConverters: {
        isCounts: () => ({ type: 'object', additionalProperties: { type: 'number' } }),
      },
    });
    const properties = schema.properties ?? {};
    for (const property of Object.keys(properties)) {
      const nested = defaultMetadataStorage.findTypeMetadata(type, property)?.typeFunction?.();
      if (nested && !builtIn.has(nested)) this.ref(nested);
    }
    for (const property of nullable(type)) {
      properties[property].type = [properties[property].type, 'null'];
      schema.required = [...(schema.required ?? []), property].toSorted();
    }
    return schema;
  }
}

/** `ValidateIf` stands for "may be null, but must be present"; the schema library treats it like `IsOptional`. */
function nullable(type) {
  return getMetadataStorage()
    .getTargetValidationMetadatas(type, '', false, false)
    .filter((metadata) => metadata.type === 'conditionalValidation' && metadata.name !== 'isOptional')
    .map((metadata) => metadata.propertyName);
}
