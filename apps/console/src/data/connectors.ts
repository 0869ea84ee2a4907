import { useMemo } from 'react';
import type { Connector } from '@isthmus/sdk';
import { useSearch } from '@tanstack/react-router';
import { useList } from './queries.ts';

const question = {};

interface Connectors {
  connectors: readonly Connector[];
  /** How people call it; its id as long as that is not known. */
  nameOf: (id: string) => string;
  /** The one chosen in the top bar: the filter of every list. */
  chosen: string | undefined;
}

/** The tenant's connectors, and which of them lists are of. */
export function useConnectors(): Connectors {
  const { rows } = useList('/v1/connectors', question);
  const { connector } = useSearch({ strict: false });
  return useMemo(() => {
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    return { connectors: rows, nameOf: (id) => names.get(id) ?? id, chosen: connector };
  }, [rows, connector]);
}
