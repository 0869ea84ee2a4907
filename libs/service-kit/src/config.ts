import { DomainError } from '@isthmus/domain';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ServiceEnv } from './service-env.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when the environment cannot be used; names every bad variable at once and repeats no value. */
export class BadConfiguration extends DomainError {
  static override readonly code = 'kit.bad-configuration';

  constructor(problems: readonly { variable: string; message: string }[]) {
    super(
      `Invalid configuration, ${problems.length} variable(s):\n` +
        problems.map(({ variable, message }) => `  ${variable}: ${message}`).join('\n') +
        '\nCorrect them and start again.',
    );
  }
}

/**
 * Reads and validates the environment as `Class`; the only reader of `process.env`.
 * An empty variable counts as absent, so that `X=` in an env file means "the default".
 * @param needed only these variables have to be right; all of them when absent
 * @throws BadConfiguration naming every bad variable
 */
export function readConfig<E extends ServiceEnv>(
  Class: new () => E,
  overrides: Environment = {},
  needed?: RegExp,
): E {
  const given = Object.entries({ ...process.env, ...overrides }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const env = plainToInstance(Class, Object.fromEntries(given), { exposeDefaultValues: true });
  const problems = validateSync(env, {
    forbidUnknownValues: false,
    validationError: { target: false, value: false },
  })
    .filter(({ property }) => needed?.test(property) ?? true)
    .map(({ property, constraints }) => ({
      variable: property,
      message: Object.values(constraints ?? {}).join('; '),
    }));
  if (problems.length > 0) throw new BadConfiguration(problems);
  return env;
}

type Command = 'serve' | 'migrate' | 'openapi';

/** @throws Error naming the commands there are */
export function readCommand(argv: readonly string[]): Command {
  const command = argv[2] ?? 'serve';
  if (command === 'serve' || command === 'migrate' || command === 'openapi') return command;
  throw new Error(`Unknown command "${command}"; use serve (default), migrate or openapi.`);
}
