export interface IdentityPerson {
  /** The subject of their tokens. */
  id: string;
  /** On their button. */
  name: string;
  tenant: string;
  roles: string[];
}

export interface IdentityClient {
  id: string;
  /** Absent for a program on a person's machine, which cannot keep one. */
  secret?: string;
  /** Addresses to come back to; any port of one on this machine. */
  redirectUris?: string[];
  /** For a program of its own: whose it is. */
  program?: { tenant: string; roles: string[] };
}

export interface IdentityOptions {
  /** 0 takes a free one. */
  port: number;
  /** Where it listens; 127.0.0.1 by default. Its issuer is http://127.0.0.1 with that port anyway. */
  host?: string | undefined;
  audience: string;
  /** Private key as JWK, with `kid` and `alg`. */
  key: object;
  people: IdentityPerson[];
  clients: IdentityClient[];
  /** How long access tokens are valid; 600 by default. */
  tokenSeconds?: number;
}

export interface RunningIdentity {
  /** Its address, `http://127.0.0.1:<port>`. */
  issuer: string;
  /** Grants of the token endpoint so far, by type. */
  granted: Record<string, number>;
  close(): Promise<void>;
}

/** An identity provider with one page of buttons, one for each person. For this machine only: whoever presses one is that person. */
export function startIdentity(options: IdentityOptions): Promise<RunningIdentity>;
