import type { Answer, Input, Operation } from '@isthmus/sdk';
import { changedFields } from '../form/differences.ts';

export type Contract = Answer<Operation<'get', '/v1/billing-contracts/{id}'>>;
type CreateBody = Input<Operation<'post', '/v1/billing-contracts'>>['body'];
type ChangeBody = Input<Operation<'patch', '/v1/billing-contracts/{id}'>>['body'];

export const contractDrawers = ['make-contract', 'change-contract', 'end-contract'] as const;
export type ContractDrawer = (typeof contractDrawers)[number];

export interface ContractValues {
  tenantAccountId: string;
  name: string;
  currency: string;
  startDate: string;
  /** Empty: without an end. */
  endDate: string;
  isDefault: boolean;
}

/** The day it is for whoever looks, as the browser's field has it. */
export function dayOf(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 10);
}

export const valuesOf = (contract: Contract): ContractValues => ({
  tenantAccountId: contract.tenantAccountId,
  name: contract.name,
  currency: contract.currency,
  startDate: contract.startDate,
  endDate: contract.endDate ?? '',
  isDefault: contract.isDefault,
});

export const newContract = ({ name, endDate, ...terms }: ContractValues): CreateBody => ({
  ...terms,
  name: name.trim(),
  ...(endDate && { endDate }),
});

/** Only what is other than it was: nobody's change of another field is taken back. Undefined when nothing is. */
export function changesOf(before: ContractValues, after: ContractValues): ChangeBody | undefined {
  const {
    tenantAccountId: _,
    name,
    endDate,
    ...others
  } = changedFields(
    before as never,
    { ...after, name: after.name.trim() } as never,
  ) as Partial<ContractValues>;
  const body = {
    ...others,
    ...(name !== undefined && { name }),
    ...(endDate !== undefined && { endDate: endDate || null }),
  };
  return Object.keys(body).length > 0 ? body : undefined;
}

/** Where a contract is in its term on a day. */
export function stateOf(
  { startDate, endDate }: Pick<Contract, 'startDate' | 'endDate'>,
  today: string,
): 'to-begin' | 'in-force' | 'ended' {
  if (endDate !== null && endDate < today) return 'ended';
  return startDate > today ? 'to-begin' : 'in-force';
}

/** What is wrong with the defaults of its account: new subscriptions come under the only one. */
export const defaultFault = ({
  accountDefaults,
}: Pick<Contract, 'accountDefaults'>): 'none' | 'several' | undefined =>
  accountDefaults === 0 ? 'none' : accountDefaults > 1 ? 'several' : undefined;

/** In groups of as many as one call takes. */
export const groupsOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, group) =>
    all.slice(group * size, (group + 1) * size),
  );
