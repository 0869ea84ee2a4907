import { stdSerializers } from 'pino';

/**
 * Members of errors that carry data rather than facts: PostgreSQL's `detail` has the whole row that broke a rule, an HTTP
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
export function errorFields(error: Error): object {
  const fields = { ...stdSerializers.err(error) } as Record<string, unknown>;
  for (const member of dataMembers) delete fields[member];
  fields.stack = String(fields.stack ?? '')
    .split('\n')
    .slice(0, frames)
    .join('\n');
  return fields;
}
