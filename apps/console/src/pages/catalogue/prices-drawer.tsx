import { useMemo, type ReactNode } from 'react';
import {
  DrawerBody,
  makeStyles,
  Spinner,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
} from '@fluentui/react-components';
import { useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { Empty } from '../../parts/list/list.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../../texts/use-texts.ts';
import type { Product } from './catalogue-values.ts';
import { catalogue } from './texts.ts';

const useStyles = makeStyles({
  scroll: { overflowX: 'auto' },
  table: { minWidth: '38rem', tableLayout: 'auto' },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
});

/** Every price a product has and had, with the days from and until which it holds. */
export default function PricesDrawer({
  product: { id, name },
  onClose,
}: {
  product: Product;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(catalogue);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { data, error, isPending, refetch } = useOne('/v1/products/{id}/prices', { path: { id } });
  const headers = useMemo(
    () => [t('priceType'), t('fromQuantity'), t('cost'), t('price'), t('from'), t('until')],
    [t],
  );
  return (
    <SideDrawer title={t('pricesTitle', { product: name })} size="large" onClose={onClose}>
      <DrawerBody>
        <ProblemMessage error={error} onRetry={() => void refetch()} />
        {isPending && !error && <Spinner label={common('loading')} />}
        {data?.data.length === 0 && <Empty title={t('noPriceTitle')} detail={t('noPriceDetail')} />}
        {data && data.data.length > 0 && (
          <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('tab-prices')}>
            <Table className={styles.table} aria-label={t('pricesTitle', { product: name })}>
              <TableHeader>
                <TableRow>
                  {headers.map((header) => (
                    <TableHeaderCell key={header}>{header}</TableHeaderCell>
                  ))}
                </TableRow>
              </TableHeader>
              <TableBody>
                {data.data.map((one) => (
                  <TableRow
                    key={[one.currency, one.type, one.model, one.lowerLimit, one.effectiveFrom].join(' ')}
                  >
                    <TableCell>
                      <Text>{[one.type, one.model].filter(Boolean).join(' · ')}</Text>
                    </TableCell>
                    <TableCell className={styles.number}>{format.number(one.lowerLimit)}</TableCell>
                    {[one.cost, one.amount].map((amount, index) => (
                      <TableCell key={index} className={styles.number}>
                        {format.money(amount === null ? null : { amount, currency: one.currency })}
                      </TableCell>
                    ))}
                    <TableCell>{format.day(one.effectiveFrom)}</TableCell>
                    <TableCell>{format.day(one.effectiveTo)}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </div>
        )}
      </DrawerBody>
    </SideDrawer>
  );
}
