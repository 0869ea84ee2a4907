import { createContext, useContext, type ReactNode } from 'react';
import { useCommon } from '../texts/use-texts.ts';
import type { Me } from './me.ts';
import { roleFor, suffices, type OperationName } from './roles.ts';

const Session = createContext<Me | undefined>(undefined);

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }): ReactNode {
  return <Session.Provider value={me}>{children}</Session.Provider>;
}

export function useMe(): Me {
  const me = useContext(Session);
  if (!me) throw new Error('There is no SessionProvider around this.');
  return me;
}

/**
 * Why an operation of the API may not be called by whoever is signed in, in words; undefined when it may.
 * `useReason('POST /v1/connectors')`
 */
export function useReason(operation: OperationName | undefined): string | undefined {
  const { roles } = useMe();
  const t = useCommon();
  if (!operation) return undefined;
  const needed = roleFor(operation);
  if (suffices(roles, needed)) return undefined;
  return t('needsRole', { role: needed, held: roles.join(', ') || t('roleNone') });
}
