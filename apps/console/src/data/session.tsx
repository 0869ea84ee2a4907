import { createContext, useContext, type ReactNode } from 'react';
import type { Me } from './me.ts';

const Session = createContext<Me | undefined>(undefined);

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }): ReactNode {
  return <Session.Provider value={me}>{children}</Session.Provider>;
}

export function useMe(): Me {
  const me = useContext(Session);
  if (!me) throw new Error('There is no SessionProvider around this.');
  return me;
}
