import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InvalidConfiguration, ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  isUUID,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { services } from './proxy/generated/routes.ts';

const localHost = String.raw`(localhost|127\.0\.0\.1|\[::1\])`;
const webAddress = new RegExp(String.raw`^(https://[^/?#@]+|http://${localHost}(:\d+)?)/?$`);

/** A JSON object whose values are texts of a form; undefined for anything else. */
function readTable(
  text: unknown,
  key: (name: string) => boolean,
  value: RegExp,
): Map<string, string> | undefined {
  try {
    const entries = Object.entries(JSON.parse(String(text)) as Record<string, unknown>);
    const fits = entries.every(([name, one]) => key(name) && typeof one === 'string' && value.test(one));
    return fits ? new Map(entries as [string, string][]) : undefined;
  } catch {
    return undefined;
  }
}

const readServices = (text: unknown) => readTable(text, () => true, /^https?:\/\/[^/?#@]+\/?$/);
const readNames = (text: unknown) => readTable(text, (name) => isUUID(name), /^.{1,200}$/s);

export class ConsoleGatewayEnv extends ServiceEnv {
  /** Address at which browsers reach this service: `https:`, or `http:` of this machine. The identity provider must allow its `/auth/callback`. */
  @Matches(webAddress, {
    message: 'CONSOLE_URL must be https://host, or http://127.0.0.1:port on a local machine, without a path',
  })
  CONSOLE_URL!: string;
  /** Folder of the built pages; `apps/console/dist` of this checkout or image when absent. If it has no index.html, a minimal page is served. */
  @IsOptional() @IsString() CONSOLE_DIR?: string;
  /** Addresses of the services, as JSON: `{"account-sync": "http://account-sync", …}`. */
  @ValidateBy({
    name: 'services',
    validator: {
      validate: (value) => services.every((service) => readServices(value)?.has(service)),
      defaultMessage: () =>
        `SERVICE_URLS must be a JSON object with the addresses of ${services.join(', ')}, such as {"webhooks": "http://webhooks:8080"}`,
    },
  })
  SERVICE_URLS!: string;

  /** This service's client id at the identity provider. */
  @Matches(/\S/, {
    message: 'OIDC_CLIENT_ID must be set: the id of the client registered at the identity provider',
  })
  OIDC_CLIENT_ID!: string;
  /** The client's secret. This or its file is needed, unless the client is a public one. */
  @IsOptional() @IsString() OIDC_CLIENT_SECRET?: string;
  /** A file with that secret; used when OIDC_CLIENT_SECRET is not set. */
  @IsOptional() @IsString() OIDC_CLIENT_SECRET_FILE?: string;
  /** Scopes to ask for; one of them has to make the provider issue access tokens for OIDC_AUDIENCE, `offline_access` a refresh token. */
  @Matches(/^openid( \S+)*$/, {
    message: 'OIDC_SCOPE must be scopes separated by blanks, the first being openid',
  })
  OIDC_SCOPE: string = 'openid profile offline_access';
  /** Address below which the provider serves `/.well-known/openid-configuration`; OIDC_ISSUER when absent. */
  @IsOptional()
  @Matches(new RegExp(String.raw`^(https://|http://${localHost}[:/])`), {
    message: 'OIDC_DISCOVERY_URL must be an https: address, or an http: one of this machine',
  })
  OIDC_DISCOVERY_URL?: string;

  /** Key ring of the tokens in sessions, and of nothing else: `{"current":"k1","keys":{"k1":"<base64, 32 bytes>"}}`. This or its file is needed. */
  @IsOptional() @IsString() SESSION_SECRET_RING?: string;
  /** A file with the same JSON as SESSION_SECRET_RING; used when that is not set. */
  @IsOptional() @IsString() SESSION_SECRET_RING_FILE?: string;
  /** A session ends after this time without a request. */
  @Type(() => Number) @IsNumber() @Min(0.001) @Max(24) SESSION_IDLE_HOURS: number = 8;
  /** A session ends this long after the sign-in. */
  @Type(() => Number) @IsNumber() @Min(0.001) @Max(24) SESSION_MAX_HOURS: number = 12;

  /** Largest body that is passed on to a service, in bytes; each service has its own limits below that. */
  @Type(() => Number) @IsInt() @Min(1024) @Max(1_073_741_824) PROXY_BODY_LIMIT: number = 67_108_864;
  /** A service that has not begun its response after this time has failed. Longer than services take requests. */
  @Type(() => Number) @IsInt() @Min(100) @Max(600_000) PROXY_TIMEOUT_MS: number = 40_000;

  /** Names of tenants for `GET /v1/me`, as JSON by the tenant's id. */
  @IsOptional()
  @ValidateBy({
    name: 'names',
    validator: {
      validate: (value) => readNames(value) !== undefined,
      defaultMessage: () => 'TENANT_NAMES must be a JSON object of names by tenant id (a UUID)',
    },
  })
  TENANT_NAMES?: string;
  /** Address of a trace in the tracing backend, with `{traceId}` for its id; shown in the console. */
  @IsOptional()
  @Matches(/^https?:\/\/.*\{traceId\}/, {
    message: 'TRACE_URL_TEMPLATE must be an address that contains {traceId}',
  })
  TRACE_URL_TEMPLATE?: string;

  /**
   * Address of a connector's control panel at CMP, with `{marketplace}` for its marketplace (such as `us`), `{region}` for the last
   * part of its API URL (such as `na`) and `{accountId}`; shown in the console. Without it, the console has no such links.
   */
  @IsOptional()
  @Matches(/^https:\/\/(?:[^{}\s]|\{(?:marketplace|region|accountId)\})+$/, {
    message:
      'CONTROL_PANEL_URL_TEMPLATE must be an https: address with no placeholders but {marketplace}, {region} and {accountId}',
  })
  CONTROL_PANEL_URL_TEMPLATE?: string;

  get pagesFolder(): string {
    return this.CONSOLE_DIR ?? fileURLToPath(new URL('../../console/dist', import.meta.url));
  }

  get origin(): string {
    return new URL(this.CONSOLE_URL).origin;
  }

  /** Whether cookies can be limited to encrypted connections. */
  get isSecure(): boolean {
    return this.CONSOLE_URL.startsWith('https:');
  }

  get serviceUrls(): ReadonlyMap<string, string> {
    return readServices(this.SERVICE_URLS)!;
  }

  get tenantNames(): ReadonlyMap<string, string> {
    const names = readNames(this.TENANT_NAMES ?? '{}')!;
    return new Map([...names].map(([id, name]) => [id.toLowerCase(), name]));
  }

  /** @throws InvalidConfiguration when the file cannot be read */
  get clientSecret(): string | undefined {
    const { OIDC_CLIENT_SECRET: secret, OIDC_CLIENT_SECRET_FILE: file } = this;
    if (secret !== undefined || file === undefined) return secret;
    if (!existsSync(file))
      throw new InvalidConfiguration([
        { variable: 'OIDC_CLIENT_SECRET_FILE', message: `the file ${file} cannot be read` },
      ]);
    return readFileSync(file, 'utf8').trim();
  }
}
