import { useCommon } from '../texts/use-texts.ts';
import { roleFor, suffices, type OperationName } from './roles.ts';
import { useMe } from './session.tsx';

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
