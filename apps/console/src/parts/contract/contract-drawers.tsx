import { lazy, Suspense, type ReactNode } from 'react';
import { useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../feedback/problem.tsx';
import type { ContractDrawer as Drawer } from './contract-values.ts';

const ContractDrawer = lazy(() => import('./contract-drawer.tsx'));
const EndContractDrawer = lazy(() => import('./end-contract-drawer.tsx'));

interface ContractDrawersProps {
  /** What the address says is open; anything else is another's. */
  drawer: string | undefined;
  /** The contract that it is about. */
  contractId: string | undefined;
  /** Of a new one: its account, if that is known. */
  tenantAccountId?: string | undefined;
  onClose: () => void;
}

/** The drawers of contracts, on each page that has some. */
export function ContractDrawers(props: ContractDrawersProps): ReactNode {
  const { drawer, contractId, tenantAccountId, onClose } = props;
  return (
    <Suspense fallback={null}>
      {drawer === 'make-contract' && (
        <ContractDrawer key={tenantAccountId} tenantAccountId={tenantAccountId} onClose={onClose} />
      )}
      {contractId && (drawer === 'change-contract' || drawer === 'end-contract') && (
        <OfOne key={contractId} drawer={drawer} contractId={contractId} onClose={onClose} />
      )}
    </Suspense>
  );
}

interface OfOneProps {
  drawer: Exclude<Drawer, 'make-contract'>;
  contractId: string;
  onClose: () => void;
}

function OfOne({ drawer, contractId, onClose }: OfOneProps): ReactNode {
  const asked = useOne('/v1/billing-contracts/{id}', { path: { id: contractId } });
  const { data: contract, error, isFetching, isFetchedAfterMount } = asked;
  if (error && !contract) return <ProblemMessage error={error} onRetry={() => void asked.refetch()} />;
  // The form keeps the version it begins with: one from before our own last change would look like somebody else's.
  if (!contract || (isFetching && !isFetchedAfterMount)) return null;
  return drawer === 'change-contract' ? (
    <ContractDrawer contract={contract} onClose={onClose} />
  ) : (
    <EndContractDrawer contract={contract} onClose={onClose} />
  );
}
