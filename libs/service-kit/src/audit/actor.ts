import { context, createContextKey, type Context } from '@opentelemetry/api';
import type { ApiKeyIdentity, Principal, Role } from '../auth/access.ts';

/** The channel of an actor: a token of a person or of a program, an API key, another service, or a job of the service itself. */
export const auditChannels = ['console', 'program', 'api-key', 'service', 'job'] as const;
export type AuditChannel = (typeof auditChannels)[number];

/** The actor of a command, for the audit log. */
export interface Actor {
  /** The subject of a token, the holder of an API key, or the name of a service. */
  subject: string;
  channel: AuditChannel;
  /** The highest role of the token; null if there is none. */
  role: Role | null;
}

/** The actor and ids of the request or message in progress. */
interface Acting {
  actor: Actor;
  /** The actions that the route declares with `@Audited`; undefined outside of a route. */
  actions?: readonly string[];
}

/** Global by its name, like that of the correlation id. */
const key = createContextKey('isthmus.actor');

export const currentActing = (): Acting | undefined => context.active().getValue(key) as Acting | undefined;

/** The context of a request whose caller is known. */
export const withActing = (parent: Context, acting: Acting): Context => parent.setValue(key, acting);

/** Runs `work` on behalf of this actor: for messages of other services, and for jobs. */
export const actingAs = <T>(actor: Actor, work: () => T): T =>
  context.with(withActing(context.active(), { actor }), work);

/** Something a service does by itself, such as when a time has come. */
export const jobActor = (service: string): Actor => ({ subject: service, channel: 'job', role: null });

/** A request of another service, in its own name. */
export const serviceActor = (name: string): Actor => ({ subject: name, channel: 'service', role: null });

/** A request that another service passes on for the holder of an API key. */
export const apiKeyActor = (subject: string): Actor => ({ subject, channel: 'api-key', role: null });

/** A person or a program, by its token. */
export const userActor = ({ subject, isProgram, highestRole: role }: Principal): Actor => ({
  ...{ subject, role },
  channel: isProgram ? 'program' : 'console',
});

/** The caller of a route; undefined for one that anybody may call. */
export function actorOf(
  principal: Principal | undefined,
  holder: ApiKeyIdentity | undefined,
): Actor | undefined {
  if (principal) return userActor(principal);
  return holder && apiKeyActor(holder.subject);
}
