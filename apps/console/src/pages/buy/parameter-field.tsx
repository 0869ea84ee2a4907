import type { ReactNode } from 'react';
import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import type { Path, UseFormReturn } from 'react-hook-form';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { useTexts, useWord, type NameIn, type Translate } from '../../texts/use-texts.ts';
import { isDomain, type BuyValues, type KnownParameter } from './buy-values.ts';
import { buyDrawer } from './drawer-texts.ts';

export const fieldOf = ({ name }: KnownParameter): Path<BuyValues> => `parameters.${name}`;

/** What to do about the domain: one that does not fit, or none. */
export function sayDomain(
  t: Translate<NameIn<typeof buyDrawer>>,
  { name }: KnownParameter,
  value: string | null | undefined,
): string {
  const isWhole = name === 'microsoft_domain';
  if (!value) return t(isWhole ? 'enterDomain' : 'enterLegacyDomain');
  return t(isWhole ? 'wrongDomain' : 'wrongLegacyDomain', { value });
}

interface ParameterProps {
  parameter: KnownParameter;
  label: string;
  /** Id of the customer's account. */
  account: string;
}

interface ParameterFieldProps extends ParameterProps {
  form: UseFormReturn<BuyValues>;
  isNeeded: boolean;
  /** Whether it is among the other parameters. */
  isGivenElsewhere: (name: string) => boolean;
}

/** Filled in with what is known; with where that comes from, and what is missing, until something else is typed. */
export function ParameterField(props: ParameterFieldProps): ReactNode {
  const { form, parameter, label, account, isNeeded, isGivenElsewhere } = props;
  const t = useTexts(buyDrawer);
  const word = useWord(buyDrawer);
  const { name, allowedValues, source, otherValues, value: filled } = parameter;
  const isAsFilled = (form.watch(fieldOf(parameter)) ?? '') === (filled ?? '');
  const own = word('meaning', name);
  const meaning = own === name ? parameter.meaning : own;
  // Which tenant follows from the domain: where that comes from is said there.
  const isFilled = source && isAsFilled && name !== 'tenant_preference';
  const hint = [
    isFilled ? t('filledFrom', { source: word('source', source) }) : meaning,
    otherValues.length > 0 && t('otherValues', { values: otherValues.join(', ') }),
  ]
    .filter(Boolean)
    .join(' ');
  const lacks = isDomain(parameter) ? sayDomain(t, parameter, null) : undefined;
  const field = {
    ...{ form, name: fieldOf(parameter), label, hint, required: isNeeded },
    ...(lacks !== undefined && {
      rules: {
        required: false,
        validate: (value: unknown) =>
          !isNeeded ||
          String(value ?? '').trim() !== '' ||
          [name, 'microsoft_tenant_id'].some(isGivenElsewhere) ||
          lacks,
      },
    }),
  };
  return (
    <>
      {allowedValues ? (
        <SelectField
          {...field}
          // Nothing chosen would be taken for what is filled in, without a word.
          {...(filled === null && { placeholder: '' })}
          options={allowedValues.map((value) => ({ value, label: word('value', value) }))}
        />
      ) : (
        <TextField {...field} />
      )}
      {isAsFilled && <Problem parameter={parameter} label={label} account={account} />}
    </>
  );
}

/** What is missing, wrong or to be checked, in the words of people; the platform's are for programs. */
export function Problem({ parameter, label, account }: ParameterProps): ReactNode {
  const t = useTexts(buyDrawer);
  const { name, problem, value, otherValues, requiredWhen } = parameter;
  if (!problem) return null;
  const said = isDomain(parameter)
    ? value && otherValues.length > 0
      ? t('otherDomains', { values: otherValues.join(', ') })
      : sayDomain(t, parameter, value)
    : name.includes('attestation')
      ? t('noAttestation')
      : requiredWhen && !value
        ? t('noAgreement')
        : problem.detail;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {`${label}: ${said} `}
        {isDomain(parameter) && (
          <PageLink to="/accounts/$id" params={{ id: account }} search={{ drawer: 'domain' }}>
            {t('toAccount')}
          </PageLink>
        )}
      </MessageBarBody>
    </MessageBar>
  );
}
