import { types } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest says every module and route it finds; that is worth a line each only to whoever looks for one. */
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
    if (!this.pino.isLevelEnabled(level)) return;
    // Nest appends the logger's name as the last argument; `error` may carry a stack before it.
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const fields: Record<string, unknown> = { context };
    for (const item of context === undefined ? rest : rest.slice(0, -1)) {
      if (types.isNativeError(item)) fields.err = item;
      else if (typeof item === 'string' && item !== '') fields.stack = item;
      else if (typeof item === 'object') Object.assign(fields, item);
    }
    if (types.isNativeError(message)) this.pino[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.pino[level]({ ...fields, ...message });
    else this.pino[level](fields, String(message));
  }
}
