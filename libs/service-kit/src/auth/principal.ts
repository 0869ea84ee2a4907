export const roles = ['viewer', 'operator', 'admin'] as const;

/** Each role may do what those before it may. */
export type Role = (typeof roles)[number];

/** Who is asking, out of a verified token. */
export class Principal {
  constructor(
    /** The token's `sub`. */
    readonly subject: string,
    /** The token's `tenant`, a UUID; every query is scoped by it. */
    readonly tenantId: string,
    readonly roles: readonly Role[],
  ) {}

  may(role: Role): boolean {
    const needed = roles.indexOf(role);
    return this.roles.some((held) => roles.indexOf(held) >= needed);
  }
}
