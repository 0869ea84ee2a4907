import { DomainError } from '@isthmus/domain';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when the environment cannot be used; names every bad variable at once and repeats no value. */
export class InvalidConfiguration extends DomainError {
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
 * @throws InvalidConfiguration naming every bad variable
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
  if (problems.length > 0) throw new InvalidConfiguration(problems);
  return env;
}

type Command = 'serve' | 'migrate' | 'openapi';

/** @throws Error naming the commands there are */
export function readCommand(argv: readonly string[]): Command {
  const command = argv[2] ?? 'serve';
  if (command === 'serve' || command === 'migrate' || command === 'openapi') return command;
  throw new Error(`Unknown command "${command}"; use serve (default), migrate or openapi.`);
}

/**
 * The environment every service reads. A service extends it with its own variables; `start()` validates the whole once
 * and provides the instance under its own class and under `ServiceEnv`.
 */
export class ServiceEnv {
  /** Port to listen on; 0 takes a free one. */
  @Type(() => Number) @IsInt() @Min(0) @Max(65535) PORT: number = 8080;
  /** Address to listen on; `0.0.0.0` in a container. */
  @IsString() @IsNotEmpty() HOST: string = '127.0.0.1';

  /** The service's own database. */
  @Matches(/^postgres(ql)?:\/\//, {
    message: 'DATABASE_URL must be postgres://user:password@host:port/database',
  })
  DATABASE_URL!: string;
  /** Connections each of the two pools (ORM, plain pg) may hold. */
  @Type(() => Number) @IsInt() @Min(1) @Max(200) DATABASE_POOL_MAX: number = 10;

  /** Where JetStream is. */
  @Matches(/^(nats|tls):\/\//, { message: 'NATS_URL must be nats://host:port' })
  NATS_URL: string = 'nats://127.0.0.1:4222';
  /** Seed of the service's NKey, by which NATS knows it; a secret. */
  @IsOptional() @IsString() NATS_NKEY_SEED?: string;
  /** A file with that seed, or a folder that has it as `<service>.nk`; used when NATS_NKEY_SEED is not set. */
  @IsOptional() @IsString() NATS_NKEY_SEED_FILE?: string;

  /** Issuer that tokens must name. */
  @IsString() @IsNotEmpty() OIDC_ISSUER!: string;
  /** Audience that tokens must name. */
  @IsString() @IsNotEmpty() OIDC_AUDIENCE!: string;
  /** Where the issuer publishes its keys: an `https:`/`http:` address or a `file:` URL of a JWKS document. */
  @Matches(/^(https?|file):\/\//, { message: 'OIDC_JWKS_URL must be an https:, http: or file: URL' })
  OIDC_JWKS_URL!: string;

  /** `{"current":"k1","keys":{"k1":"<base64, 32 bytes>"}}`; needed by services that open or seal secrets. */
  @IsOptional() @IsString() SECRET_RING?: string;
  /** A file with the same JSON as SECRET_RING; used when SECRET_RING is not set. */
  @IsOptional() @IsString() SECRET_RING_FILE?: string;

  /** Only for a local machine: lets user-given URLs point at private addresses and use http. */
  @IsIn(['yes', 'no']) ALLOW_PRIVATE_ADDRESSES: 'yes' | 'no' = 'no';

  /** The least that is logged. */
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) LOG_LEVEL: string = 'info';

  /** Base address of an OTLP/HTTP collector; tracing is off without it, metrics are not. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
  /** Share of new traces that is kept; a caller's decision is followed. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) OTEL_SAMPLE_RATIO: number = 0.1;

  /** Largest request body in bytes. */
  @Type(() => Number) @IsInt() @Min(1024) @Max(16_777_216) BODY_LIMIT: number = 1_048_576;
  /** Deepest nesting of a JSON body. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100) JSON_DEPTH_LIMIT: number = 20;
  /** Longest array anywhere in a JSON body. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100_000) JSON_ARRAY_LIMIT: number = 5_000;
  /** How long, in days, a repeated command gets its first response again. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3650) IDEMPOTENCY_KEY_DAYS: number = 30;
  /** Time to finish requests and messages in hand after SIGTERM. */
  @Type(() => Number) @IsInt() @Min(0) @Max(60_000) SHUTDOWN_MS: number = 10_000;
}
