import type { ReactElement, ReactNode } from 'react';
import { Checkbox, Field, Input, makeStyles, Select, Textarea } from '@fluentui/react-components';
import {
  Controller,
  type ControllerRenderProps,
  type FieldValues,
  type Path,
  type RegisterOptions,
  type UseControllerProps,
  type UseFormReturn,
} from 'react-hook-form';
import { useCommon } from '../../texts/use-texts.ts';

interface FieldProps<V extends FieldValues> {
  form: UseFormReturn<V>;
  /** As the API calls it: what the server says about it is shown here. */
  name: Path<V>;
  label: string;
  /** Where to find the value, or what it does. */
  hint?: ReactNode;
  required?: boolean;
  rules?: RegisterOptions<V, Path<V>>;
}

interface TextFieldProps<V extends FieldValues> extends FieldProps<V> {
  type?: 'text' | 'password' | 'url' | 'email' | 'number' | 'date' | 'datetime-local';
  placeholder?: string;
  autoComplete?: string;
}

/** A line of text. A secret is a `password`: it can be written, not read. */
export function TextField<V extends FieldValues>(props: TextFieldProps<V>): ReactNode {
  const { type = 'text', placeholder, autoComplete = 'off' } = props;
  return (
    <Labelled {...props}>
      {(field) => (
        <Input
          {...field}
          type={type}
          autoComplete={type === 'password' ? 'new-password' : autoComplete}
          {...(placeholder && { placeholder })}
        />
      )}
    </Labelled>
  );
}

export function LongTextField<V extends FieldValues>(props: FieldProps<V>): ReactNode {
  return <Labelled {...props}>{(field) => <Textarea {...field} resize="vertical" />}</Labelled>;
}

interface SelectFieldProps<V extends FieldValues> extends FieldProps<V> {
  options: readonly { value: string; label: string }[];
  /** The first option: nothing chosen. */
  placeholder?: string;
  onPick?: (value: string) => void;
}

export function SelectField<V extends FieldValues>(props: SelectFieldProps<V>): ReactNode {
  const { options, placeholder, onPick } = props;
  return (
    <Labelled {...props}>
      {({ onChange, ...field }) => (
        <Select
          {...field}
          onChange={(_, { value }) => {
            onChange(value);
            onPick?.(value);
          }}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      )}
    </Labelled>
  );
}

export function CheckField<V extends FieldValues>({ form, name, label, hint }: FieldProps<V>): ReactNode {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field: { value, onChange, ref, onBlur } }) => (
        <Field hint={hint as string}>
          <Checkbox
            ref={ref}
            label={label}
            checked={value as boolean}
            onBlur={onBlur}
            onChange={(_, { checked }) => onChange(checked === true)}
          />
        </Field>
      )}
    />
  );
}

// A list of choices is no wider than the drawer, however long its longest choice.
const useStyles = makeStyles({
  field: { gridTemplateColumns: 'minmax(0, 1fr)', '& select': { width: '100%' } },
});

/** Fluent's inputs hold their value themselves: a form has to hold it for them. */
function Labelled<V extends FieldValues>(
  props: FieldProps<V> & { children: (field: ControllerRenderProps<V, Path<V>>) => ReactElement },
): ReactNode {
  const { form, name, label, hint, required = false, rules, children } = props;
  const t = useCommon();
  const styles = useStyles();
  return (
    <Controller
      control={form.control}
      name={name}
      rules={{ ...(required && { required: t('required') }), ...rules } as UseControllerProps<V>['rules']}
      render={({ field, fieldState: { error } }) => (
        <Field
          className={styles.field}
          label={label}
          required={required}
          {...(hint !== undefined && { hint: hint as string })}
          validationState={error ? 'error' : 'none'}
          {...(error?.message && { validationMessage: error.message })}
        >
          {children(field)}
        </Field>
      )}
    />
  );
}
