import { useEffect, useState, type ReactNode } from 'react';
import { DrawerBody, Spinner } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import { useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { LongTextField, TextField } from '../../parts/form/fields.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { QuoteDrawer } from '../../parts/order/quote-drawer.tsx';
import { useTexts, useWord } from '../../texts/use-texts.ts';
import {
  badLines,
  isDomain,
  isNeeded,
  parametersIn,
  purchaseOrder,
  shownParameters,
  startValues,
  type BuyValues,
  type KnownParameter,
  type Purchase,
} from './buy-values.ts';
import { buyDrawer } from './drawer-texts.ts';
import { fieldOf, ParameterField, Problem, sayDomain } from './parameter-field.tsx';
import { buy } from './texts.ts';

interface BuyDrawerProps {
  purchase: Purchase;
  product: string;
  account: string;
  minimum: number;
  maximum: number | undefined;
  onClose: () => void;
}

const nothing: readonly KnownParameter[] = [];

/** How many seats, and what else the vendor wants to know; then the quote, then the order. */
export default function BuyDrawer(props: BuyDrawerProps): ReactNode {
  const { purchase, product, account, onClose } = props;
  const { account: providerAccountId, part: partNumber, period, term } = purchase;
  const t = useTexts(buyDrawer);
  const known = useOne('/v1/purchase-parameters', {
    query: {
      ...{ providerAccountId, partNumber },
      ...(period && { billingPeriod: period }),
      ...(term && { term }),
    },
  });
  const title = t('drawerTitle', { product, account });
  // Not whenever it is pending: that is also while they are asked for again after an error, and what was typed meanwhile stays.
  if (!known.isFetched)
    return (
      <SideDrawer title={title} size="large" onClose={onClose}>
        <DrawerBody>
          <Spinner label={t('askingParameters')} />
        </DrawerBody>
      </SideDrawer>
    );
  return (
    <BuyForm {...props} title={title} parameters={known.data?.parameters}>
      {/* Without them it can be ordered all the same: they are filled in by the order, too. */}
      <ProblemMessage error={known.data ? null : known.error} onRetry={() => void known.refetch()} />
    </BuyForm>
  );
}

function BuyForm(
  props: BuyDrawerProps & {
    title: string;
    /** Undefined: they could not be read yet. */
    parameters: readonly KnownParameter[] | undefined;
    children: ReactNode;
  },
): ReactNode {
  const { purchase, title, minimum, maximum, parameters, children, onClose } = props;
  // As they were when they were read first: what was changed is told by them.
  const [first, setFirst] = useState(parameters);
  const known = first ?? nothing;
  const t = useTexts(buyDrawer);
  const say = useTexts(buy);
  const word = useWord(buyDrawer);
  const navigate = useNavigate();
  const form = useForm<BuyValues>({ defaultValues: startValues(minimum, known) });
  const { reset } = form;
  useEffect(() => {
    if (first || !parameters) return;
    setFirst(parameters);
    // They come late, after an error: what was typed meanwhile stays.
    reset(startValues(minimum, parameters), { keepDirtyValues: true });
  }, [first, parameters, minimum, reset]);
  const typed = form.watch('parameters');
  const shown = shownParameters(known, typed);
  const fields = new Set(shown);
  const labelOf = ({ name, label }: KnownParameter): string => {
    const own = word('parameter', name);
    return own === name ? label : own;
  };
  const domain = shown.find(isDomain);
  const others = (): Set<string> =>
    new Set(parametersIn(form.getValues('more')).map(({ name }) => name.toLowerCase()));
  return (
    <QuoteDrawer
      title={title}
      form={form}
      labels={{
        seats: say('seats'),
        ...Object.fromEntries(shown.map((one) => [fieldOf(one), labelOf(one)])),
      }}
      order={(values) => purchaseOrder(purchase, values, known)}
      sayError={({ field, message }) => {
        const name = field.replace(/^parameters\./, '');
        // An existing tenant is named by its domain or its ID; people have the domain.
        const isTenant = name === domain?.name || (name === 'microsoft_tenant_id' && !typed[name]);
        if (!domain || !isTenant) return { field, message };
        const value = typed[domain.name];
        const isWrong = name === domain.name && Boolean(value);
        return { field: fieldOf(domain), message: sayDomain(t, domain, isWrong ? value : '') };
      }}
      onOrdered={(order) => void navigate({ to: '/orders/$id', params: { id: order.id } })}
      onClose={onClose}
    >
      <TextField
        form={form}
        name="seats"
        type="number"
        label={say('seats')}
        hint={maximum === undefined ? say('atLeast', { minimum }) : say('between', { minimum, maximum })}
        required
        rules={{
          validate: (value) => (/^[1-9]\d{0,6}$/.test(String(value).trim()) ? true : t('wholeSeats')),
        }}
      />
      {children}
      {known.map((one) =>
        fields.has(one) ? (
          <ParameterField
            key={one.name}
            form={form}
            parameter={one}
            label={labelOf(one)}
            isNeeded={isNeeded(one, typed)}
            isGivenElsewhere={(name) => others().has(name)}
            account={purchase.account}
          />
        ) : (
          one.problem && (
            <Problem key={one.name} parameter={one} label={labelOf(one)} account={purchase.account} />
          )
        ),
      )}
      <LongTextField
        form={form}
        name="more"
        label={t('parameters')}
        hint={t('parametersHint')}
        rules={{
          validate: (value) => {
            const [bad] = badLines(String(value));
            return bad === undefined ? true : t('badLine', { line: bad });
          },
        }}
      />
    </QuoteDrawer>
  );
}
