import { useMemo, type ReactNode } from 'react';
import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Answer, Operation, Row } from '@isthmus/sdk';
import { useConnectors } from '../../data/connectors.ts';
import { useList } from '../../data/queries.ts';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { SearchFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { buy } from './texts.ts';

type Account = Answer<Operation<'get', '/v1/provider-accounts/{id}'>>;
type Product = Row<Operation<'get', '/v1/products'>>;

const useStyles = makeStyles({
  chosen: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
});

interface AccountChoiceProps {
  chosen: Account | undefined;
  q: string | undefined;
  onSearch: (q: string | undefined) => void;
  onPick: (id: string | undefined) => void;
}

const accountKey = ({ id }: Account): string => id;
const accountName = ({ name }: Account): string => name;
const height = '22rem';

/** For whom: found by name, number or domain. */
export function AccountChoice({ chosen, q, onSearch, onPick }: AccountChoiceProps): ReactNode {
  const t = useTexts(buy);
  const styles = useStyles();
  const { chosen: connectorId, nameOf } = useConnectors();
  const list = useList(
    '/v1/provider-accounts',
    { query: { ...(q && { q }), ...(connectorId && { connectorId }), limit: 20 } },
    { enabled: chosen === undefined },
  );
  const columns = useMemo<Column<Account>[]>(
    () => [
      {
        id: 'name',
        header: t('customer'),
        cell: ({ id, name }) => (
          <Link as="button" onClick={() => onPick(id)}>
            {name}
          </Link>
        ),
      },
      { id: 'number', header: t('number'), cell: ({ cmpAccountId }) => cmpAccountId },
      { id: 'domain', header: t('domain'), cell: ({ customDomain }) => customDomain },
    ],
    [t, onPick],
  );
  if (chosen)
    return (
      <div className={styles.chosen}>
        <Text weight="semibold">{chosen.name}</Text>
        <Text>
          {[chosen.cmpAccountId, nameOf(chosen.connectorId), chosen.customDomain].filter(Boolean).join(' · ')}
        </Text>
        <ActionButton onClick={() => onPick(undefined)}>{t('otherCustomer')}</ActionButton>
      </div>
    );
  return (
    <>
      <SearchFilter label={t('searchCustomer')} value={q} onChange={onSearch} />
      <DataList
        label={t('customers')}
        list={list}
        columns={columns}
        rowKey={accountKey}
        rowName={accountName}
        csv={false}
        height={height}
        empty={
          <Empty title={t('noCustomer')} detail={t('noCustomerDetail')}>
            <PageLink to="/accounts">{t('toAccounts')}</PageLink>
          </Empty>
        }
      />
    </>
  );
}

/** One part number may be that of several products; period and term tell them apart. */
interface Chosen {
  part?: string | undefined;
  period?: string | undefined;
  term?: string | undefined;
}

const isChosen = ({ partNumber, billingPeriod, term }: Product, chosen: Chosen): boolean =>
  partNumber !== null &&
  partNumber === chosen.part &&
  billingPeriod === (chosen.period ?? billingPeriod) &&
  term === (chosen.term ?? term);

interface ProductChoiceProps {
  connectorId: string;
  q: string | undefined;
  chosen: Chosen;
  onSearch: (q: string | undefined) => void;
  onPick: (product: { part: string; period: string | undefined; term: string | undefined }) => void;
}

const productKey = ({ id }: Product): string => id;
const productName = ({ name }: Product): string => name;

/** What: found in the catalogue of the customer's connector. */
export function ProductChoice({ connectorId, q, chosen, onSearch, onPick }: ProductChoiceProps): ReactNode {
  const t = useTexts(buy);
  const words = useOrderWords();
  const list = useList(
    '/v1/products',
    { query: { connectorId, ...(q && { q }), limit: 50 } },
    { enabled: Boolean(q) },
  );
  const columns = useMemo<Column<Product>[]>(
    () => [
      {
        id: 'name',
        header: t('product'),
        cell: ({ name, partNumber, billingPeriod, term }) =>
          partNumber ? (
            <Link
              as="button"
              onClick={() =>
                onPick({ part: partNumber, period: billingPeriod ?? undefined, term: term ?? undefined })
              }
            >
              {name}
            </Link>
          ) : (
            t('withoutPartNumber', { name })
          ),
      },
      { id: 'vendor', header: t('vendor'), cell: ({ vendor }) => vendor },
      {
        id: 'part',
        header: t('partNumber'),
        cell: ({ partNumber, mpn }) => <code>{partNumber ?? mpn}</code>,
      },
      { id: 'term', header: t('termOf'), cell: ({ term }) => words.period(term) },
      {
        id: 'period',
        header: t('periodOf'),
        cell: ({ billingPeriod }) => words.period(billingPeriod),
      },
      {
        id: 'price',
        header: t('price'),
        isNumber: true,
        cell: ({ prices: [price], billingPeriod }) => words.per(price, billingPeriod),
      },
    ],
    [t, words, onPick],
  );
  return (
    <>
      <SearchFilter label={t('searchProduct')} value={q} onChange={onSearch} />
      {q && (
        <DataList
          label={t('products')}
          list={list}
          columns={columns}
          rowKey={productKey}
          rowName={productName}
          csv={false}
          height={height}
          marked={list.rows.find((product) => isChosen(product, chosen))?.id}
          empty={<Empty title={t('noProduct')} detail={t('noProductDetail')} />}
        />
      )}
    </>
  );
}
