import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { makeStyles, tokens } from '@fluentui/react-components';
import { getRouteApi } from '@tanstack/react-router';
import { useList } from '../../data/queries.ts';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { FilterBar, SearchFilter, SelectFilter } from '../../parts/list/filters.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import type { Product } from './catalogue-values.ts';
import { catalogue } from './texts.ts';

const PricesDrawer = lazy(() => import('./prices-drawer.tsx'));

const route = getRouteApi('/catalogue');
const keyOf = ({ id }: Product): string => id;
const nameOf = ({ name }: Product): string => name;
const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  code: { overflowWrap: 'anywhere' },
});

interface ProductsProps {
  /** The same products: what they are, or what they cost. */
  view: 'products' | 'prices';
  connectorId: string | undefined;
  onClose: () => void;
}

/** What Ingram Micro lists, as last read. */
export function Products({ view, connectorId, onClose }: ProductsProps): ReactNode {
  const t = useTexts(catalogue);
  const common = useCommon();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q, withdrawn } = search;
  const list = useList('/v1/products', {
    query: {
      ...(connectorId && { connectorId }),
      ...(q && { q }),
      ...(withdrawn && { includeWithdrawn: true }),
    },
  });
  const columns = useColumns(view);
  const go = (some: Partial<typeof search>): void =>
    void navigate({ search: (before) => ({ ...before, ...some }) });
  const actionsFor = ({ id }: Product): RowAction[] => [
    { label: t('priceList'), onClick: () => go({ drawer: 'prices', product: id }) },
  ];
  const chosen = list.rows.find(({ id }) => id === search.product);
  return (
    <>
      <FilterBar>
        <SearchFilter label={common('search')} value={q} onChange={(value) => go({ q: value })} />
        <SelectFilter
          label={t('withdrawnFilter')}
          value={withdrawn ? 'include' : undefined}
          options={[{ value: 'include', label: t('withdrawn-include') }]}
          onChange={(value) => go({ withdrawn: value ? true : undefined })}
        />
      </FilterBar>
      <DataList
        label={t(`tab-${view}`)}
        list={list}
        columns={columns}
        rowKey={keyOf}
        rowName={nameOf}
        actions={actionsFor}
        marked={search.product}
        empty={<Empty title={t('noProductTitle')} detail={t('noProductDetail')} />}
      />
      <Suspense fallback={null}>
        {chosen && search.drawer === 'prices' && <PricesDrawer product={chosen} onClose={onClose} />}
      </Suspense>
    </>
  );
}

function useColumns(view: 'products' | 'prices'): Column<Product>[] {
  const t = useTexts(catalogue);
  const common = useCommon();
  const words = useOrderWords();
  const styles = useStyles();
  const language = useLanguage();
  return useMemo(() => {
    const format = formatOf(language);
    const name: Column<Product> = {
      id: 'name',
      header: t('product'),
      cell: (product) => (
        <span className={styles.cell}>
          <span>{product.name}</span>
          {product.withdrawnAt && <StatusBadge tone="neutral">{t('withdrawn')}</StatusBadge>}
        </span>
      ),
    };
    const part: Column<Product> = {
      id: 'part',
      header: t('partNumber'),
      cell: ({ partNumber, mpn }) => <code className={styles.code}>{partNumber ?? mpn}</code>,
    };
    const periods: Column<Product> = {
      id: 'periods',
      header: t('periods'),
      cell: ({ term, billingPeriod }) =>
        [term, billingPeriod].map((period) => words.period(period)).join(' / '),
    };
    if (view === 'prices')
      return [
        name,
        part,
        periods,
        {
          id: 'cost',
          header: t('cost'),
          isNumber: true,
          cell: ({ costs: [cost], billingPeriod }) => words.per(cost, billingPeriod),
        },
        {
          id: 'price',
          header: t('price'),
          isNumber: true,
          cell: ({ prices: [price], billingPeriod }) => words.per(price, billingPeriod),
        },
      ];
    return [
      name,
      { id: 'vendor', header: t('vendor'), cell: ({ vendor }) => vendor },
      part,
      {
        id: 'alias',
        header: t('shownAs'),
        cell: ({ alias }) => (alias ? <code className={styles.code}>{alias}</code> : common('dash')),
      },
      periods,
      {
        id: 'seats',
        header: t('seats'),
        width: '8rem',
        cell: ({ minimum, maximum }) =>
          [minimum, maximum]
            .map((limit) => (limit === null ? common('dash') : format.number(limit)))
            .join(' … '),
      },
      { id: 'asOf', header: t('asOf'), width: '8rem', cell: ({ asOf }) => format.ago(asOf) },
    ];
  }, [t, common, words, styles, language, view]);
}
