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
  ValidateBy,
  validateSync,
} from 'class-validator';
import ipaddr from 'ipaddr.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown if the environment is invalid; names all invalid variables and repeats no value. */
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

/** @throws Error listing the existing commands */
export function readCommand(argv: readonly string[]): Command {
  const command = argv[2] ?? 'serve';
  if (command === 'serve' || command === 'migrate' || command === 'openapi') return command;
  throw new Error(`Unknown command "${command}"; use serve (default), migrate or openapi.`);
}

const isNetwork = (text: string): boolean =>
  text.includes('/')
    ? ipaddr.isValidCIDR(text)
    : ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/**
 * The environment every service reads. A service extends it with its own variables; `start()` validates the whole once
 * and provides the instance under its own class and under `ServiceEnv`.
 */
export class ServiceEnv {
  /** Port to listen on; 0 takes a free one. */
  @Type(() => Number) @IsInt() @Min(0) @Max(65535) PORT: number = 8080;
  /** Address to listen on; `0.0.0.0` in a container. */
  @IsString() @IsNotEmpty() HOST: string = '127.0.0.1';

  /** Port of /metrics; 0 takes a free one. Without it, /metrics is served at PORT, to everyone who reaches the API. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(65535) METRICS_PORT?: number;
  /** Whether the API document (/openapi.json) and its page (/docs) are served. */
  @IsIn(['yes', 'no']) API_DOCS: 'yes' | 'no' = 'yes';

  /** The service's own database, as the role that serves: it owns nothing, and row-level security binds it. */
  @Matches(/^postgres(ql)?:\/\//, {
    message: 'DATABASE_URL must be postgres://user:password@host:port/database',
  })
  DATABASE_URL!: string;
  /** The same database as the role that owns its tables; for `migrate` only. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\//, {
    message: 'MIGRATION_DATABASE_URL must be postgres://user:password@host:port/database',
  })
  MIGRATION_DATABASE_URL?: string;
  /** URL of the server for a role that may create roles and databases: with it, `migrate` first creates the missing ones. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\//, {
    message: 'ADMIN_DATABASE_URL must be postgres://user:password@host:port/database',
  })
  ADMIN_DATABASE_URL?: string;
  /** The role for the few jobs over all tenants; `<user of DATABASE_URL>_all_tenants` by default. */
  @IsOptional() @IsString() @IsNotEmpty() CROSS_TENANT_ROLE?: string;
  /** Connections each of the two pools (ORM, plain pg) may hold. */
  @Type(() => Number) @IsInt() @Min(1) @Max(200) DATABASE_POOL_MAX: number = 10;

  /** URL of the NATS server. */
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
  /** URL of the issuer's keys: an `https:` address, an `http:` one of this machine, or a `file:` URL of a JWKS document. */
  @Matches(/^(https|file):\/\/|^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/, {
    message:
      'OIDC_JWKS_URL must be an https: or file: URL; over http: an attacker on the network could replace the keys',
  })
  OIDC_JWKS_URL!: string;
  /** Tokens are accepted for this time after they were issued, regardless of their expiry. */
  @Type(() => Number) @IsNumber() @Min(0.01) @Max(8760) OIDC_MAX_TOKEN_HOURS: number = 24;
  /** The `typ` that tokens must have, such as `at+jwt` (RFC 9068), so that no other kind of token is taken for one. Not checked without it. */
  @IsOptional() @IsString() @IsNotEmpty() OIDC_TOKEN_TYPE?: string;

  /** Only for a local machine: lets user-given URLs point at private addresses and use http. */
  @IsIn(['yes', 'no']) ALLOW_PRIVATE_ADDRESSES: 'yes' | 'no' = 'no';

  /** Ports that user-given URLs may name, separated by commas. */
  @Matches(/^\d{1,5}(,\d{1,5}){0,19}$/, {
    message: 'OUTBOUND_PORTS must be ports separated by commas, such as 443,8443',
  })
  OUTBOUND_PORTS: string = '443,8443';

  /** The least that is logged. */
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) LOG_LEVEL: string = 'info';

  /** Base address of an OTLP/HTTP collector; tracing is off without it, metrics are not. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
  /** Share of new traces that is sampled; the sampling decision of an authenticated caller is followed. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) OTEL_SAMPLE_RATIO: number = 0.1;

  /** Largest request body in bytes. */
  @Type(() => Number) @IsInt() @Min(1024) @Max(16_777_216) BODY_LIMIT: number = 1_048_576;
  /** Deepest nesting of a JSON body. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100) JSON_DEPTH_LIMIT: number = 20;
  /** Longest array anywhere in a JSON body. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100_000) JSON_ARRAY_LIMIT: number = 5_000;
  /** Requests per minute of one caller, a user or an API key, that one process accepts; 0 means no limit. */
  @Type(() => Number) @IsInt() @Min(0) RATE_LIMIT_PER_CALLER: number = 12_000;
  /** The same by all callers of a tenant. */
  @Type(() => Number) @IsInt() @Min(0) RATE_LIMIT_PER_TENANT: number = 24_000;
  /** Requests per minute from one address (IPv6: from one /64), regardless of the caller. */
  @Type(() => Number) @IsInt() @Min(0) RATE_LIMIT_PER_ADDRESS: number = 60_000;
  /** Wrong tokens or API keys a minute from one address; then only callers that are known already are let in. 0 is no limit. */
  @Type(() => Number) @IsInt() @Min(0) AUTH_FAILURES_PER_ADDRESS: number = 60;
  /** Maximum number of event streams that one caller may have open in one process. */
  @Type(() => Number) @IsInt() @Min(1) EVENT_STREAMS_PER_CALLER: number = 20;
  /** Proxies whose X-Forwarded-For is trusted: addresses or networks, separated by commas. If empty, the header is ignored. */
  @IsOptional()
  @ValidateBy({
    name: 'networks',
    validator: {
      validate: (value) =>
        typeof value === 'string' && value.split(',').every((one) => isNetwork(one.trim())),
      defaultMessage: () =>
        'TRUSTED_PROXIES must be addresses or networks separated by commas, such as 10.0.0.0/8,fd00::/8',
    },
  })
  TRUSTED_PROXIES?: string;
  /**
   * Interval, in milliseconds, at which the heads of the audit log are published: entries that are removed before that go
   * unnoticed.
   */
  @Type(() => Number) @IsInt() @Min(100) @Max(60_000) AUDIT_PUBLISH_MS: number = 60_000;
  /** Number of days for which a repeated command gets its first response again. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3650) IDEMPOTENCY_KEY_DAYS: number = 30;
  /** Time to finish requests and messages in progress after SIGTERM. */
  @Type(() => Number) @IsInt() @Min(0) @Max(60_000) SHUTDOWN_MS: number = 10_000;
}

/** The name of a role, as the user of a connection's address; empty without one. */
export const roleIn = (databaseUrl: string): string =>
  URL.canParse(databaseUrl) ? decodeURIComponent(new URL(databaseUrl).username) : '';

export const crossTenantRole = ({
  DATABASE_URL,
  CROSS_TENANT_ROLE,
}: Pick<ServiceEnv, 'DATABASE_URL' | 'CROSS_TENANT_ROLE'>): string =>
  CROSS_TENANT_ROLE ?? `${roleIn(DATABASE_URL)}_all_tenants`;

/** The settings of a process that opens or seals the credentials of connectors. */
export class ConnectorSecretsEnv extends ServiceEnv {
  /** Key ring of the connectors' credentials: `{"current":"k1","keys":{"k1":"<base64, 32 bytes>"}}`. This or its file is needed. */
  @IsOptional() @IsString() SECRET_RING?: string;
  /** A file with the same JSON as SECRET_RING; used when SECRET_RING is not set. */
  @IsOptional() @IsString() SECRET_RING_FILE?: string;
  /**
   * Use `accept` only while releases that do not yet bind credentials to their address run in parallel; see docs/key-rotation.md.
   */
  @IsIn(['accept', 'refuse']) UNBOUND_SECRETS: 'accept' | 'refuse' = 'refuse';
}
