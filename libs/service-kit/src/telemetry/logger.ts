import { types } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { currentCorrelationId } from './correlation.ts';
import { currentProgram } from './program.ts';

/** The service's log: one JSON object a line, with the trace and correlation ids of what is being handled. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[secret]' },
      serializers: { err: errorFields },
      mixin: handledIds,
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

function handledIds(): Record<string, string> {
  const ids: Record<string, string> = {};
  const span = trace.getActiveSpan()?.spanContext();
  if (span) {
    ids.trace_id = span.traceId;
    ids.span_id = span.spanId;
  }
  const correlationId = currentCorrelationId();
  if (correlationId) ids.correlationId = correlationId;
  return ids;
}

/** Nest logs every module and route it finds; that is worth a line each only at level debug. */
const startNoise = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestMicroservice',
  'NestApplication',
]);

type Level = 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal';

/**
 * Lets Nest's own `Logger` write through pino. `new Logger('Where').log(message)` puts `Where` into `context`; an object
 * as the message becomes fields; an error anywhere becomes `err` with its causes.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(startNoise.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    // Nest has one logger per process, that of the program which started last.
    const log = currentProgram()?.log ?? this.pino;
    if (!log.isLevelEnabled(level)) return;
    // Nest appends the logger's name as the last argument; `error` may carry a stack before it.
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const fields: Record<string, unknown> = { context };
    for (const item of context === undefined ? rest : rest.slice(0, -1)) {
      if (types.isNativeError(item)) fields.err = item;
      else if (typeof item === 'string' && item !== '') fields.stack = item;
      else if (typeof item === 'object') Object.assign(fields, item);
    }
    if (types.isNativeError(message)) log[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) log[level]({ ...fields, ...message });
    else log[level](fields, String(message));
  }
}

/**
 * Members of errors that carry customer data: PostgreSQL's `detail` has the whole row that broke a rule, an HTTP
 * client's error what was sent.
 */
const dataMembers = [
  'detail',
  'where',
  'internalQuery',
  'query',
  'parameters',
  'values',
  'body',
  'rawBody',
  'headers',
  'request',
  'response',
  'config',
];
const frames = 12;

/** An error as the log shows it: type, message with those of its causes, code, the top of the stack, small facts. */
function errorFields(error: Error): object {
  const fields = { ...stdSerializers.err(error) } as Record<string, unknown>;
  for (const member of dataMembers) delete fields[member];
  fields.stack = String(fields.stack ?? '')
    .split('\n')
    .slice(0, frames)
    .join('\n');
  return fields;
}

/** Members that are never written to a log, at the top level and two levels down. */
const names = [
  'authorization',
  'Authorization',
  'cookie',
  'password',
  'subscriptionKey',
  'apiKey',
  'apiKeys',
  'token',
  'accessToken',
  'secret',
  'sealed',
  'x-api-key',
  'x-subscription-key',
  'X-Subscription-Key',
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'ADMIN_DATABASE_URL',
  'SECRET_RING',
];

const quoted = names.map((name) => (/^\w+$/.test(name) ? `.${name}` : `["${name}"]`));

/** pino redaction paths. */
const redactedPaths: string[] = quoted.flatMap((name) => [name.replace(/^\./, ''), `*${name}`, `*.*${name}`]);
