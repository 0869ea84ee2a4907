import { useEffect, useState, type ReactNode } from 'react';
import { DrawerBody, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useForm, type Path, type UseFormReturn } from 'react-hook-form';
import { useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { LongTextField, SelectField, TextField } from '../../parts/form/fields.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { QuoteDrawer } from '../../parts/order/quote-drawer.tsx';
import { useTexts, useWord } from '../../texts/use-texts.ts';
import {
  badLines,
  purchaseOrder,
  shownParameters,
  startValues,
  type BuyValues,
  type KnownParameter,
  type Purchase,
} from './buy-values.ts';
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
  const t = useTexts(buy);
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
  const t = useTexts(buy);
  const word = useWord(buy);
  const navigate = useNavigate();
  const form = useForm<BuyValues>({ defaultValues: startValues(minimum, known) });
  const { reset } = form;
  useEffect(() => {
    if (first || !parameters) return;
    setFirst(parameters);
    // They come late, after an error: what was typed meanwhile stays.
    reset(startValues(minimum, parameters), { keepDirtyValues: true });
  }, [first, parameters, minimum, reset]);
  const shown = shownParameters(known, form.watch('parameters'));
  const fields = new Set(shown);
  const labelOf = ({ name, label }: KnownParameter): string => {
    const own = word('parameter', name);
    return own === name ? label : own;
  };
  return (
    <QuoteDrawer
      title={title}
      form={form}
      labels={{
        seats: t('seats'),
        ...Object.fromEntries(shown.map((one) => [fieldOf(one), labelOf(one)])),
      }}
      order={(values) => purchaseOrder(purchase, values, known)}
      onOrdered={(order) => void navigate({ to: '/orders/$id', params: { id: order.id } })}
      onClose={onClose}
    >
      <TextField
        form={form}
        name="seats"
        type="number"
        label={t('seats')}
        hint={maximum === undefined ? t('atLeast', { minimum }) : t('between', { minimum, maximum })}
        required
        rules={{
          validate: (value) => (/^[1-9]\d{0,6}$/.test(String(value).trim()) ? true : t('wholeSeats')),
        }}
      />
      {children}
      {known.map((one) =>
        fields.has(one) ? (
          <ParameterField key={one.name} form={form} parameter={one} label={labelOf(one)} />
        ) : (
          one.problem && <Problem key={one.name} parameter={one} label={labelOf(one)} />
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

const fieldOf = ({ name }: KnownParameter): Path<BuyValues> => `parameters.${name}`;

interface ParameterProps {
  parameter: KnownParameter;
  label: string;
}

/** Filled in with what is known; with where that comes from, and what is missing. */
function ParameterField({
  form,
  parameter,
  label,
}: ParameterProps & { form: UseFormReturn<BuyValues> }): ReactNode {
  const t = useTexts(buy);
  const word = useWord(buy);
  const { allowedValues, source, otherValues, meaning, problem } = parameter;
  const hint = [
    source ? t('filledFrom', { source: word('source', source) }) : meaning,
    otherValues.length > 0 && t('otherValues', { values: otherValues.join(', ') }),
  ]
    .filter(Boolean)
    .join(' ');
  const field = { form, name: fieldOf(parameter), label, hint };
  return (
    <>
      {allowedValues ? (
        <SelectField
          {...field}
          placeholder=""
          options={allowedValues.map((value) => ({ value, label: word('value', value) }))}
        />
      ) : (
        <TextField {...field} />
      )}
      {problem && <Problem parameter={parameter} label={label} />}
    </>
  );
}

function Problem({ parameter: { problem }, label }: ParameterProps): ReactNode {
  const t = useTexts(buy);
  return (
    problem && (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          {t('problemOf', { label, detail: problem.detail, nextStep: problem.nextStep })}
        </MessageBarBody>
      </MessageBar>
    )
  );
}
