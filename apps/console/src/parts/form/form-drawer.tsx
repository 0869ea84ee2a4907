import { useEffect, useState, type ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  tokens,
  useRestoreFocusSource,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { InvalidInput, Refused, StaleVersion, type IsthmusError } from '@isthmus/sdk';
import type { FieldValues, Path, UseFormReturn } from 'react-hook-form';
import type { OperationName } from '../../data/roles.ts';
import { i18n } from '../../texts/catalog.ts';
import { useCommon, useTexts, type NameIn, type Translate } from '../../texts/use-texts.ts';
import { validation } from './validation/texts.ts';
import { Confirm } from '../feedback/confirm.tsx';
import { ProblemMessage } from '../feedback/problem.tsx';
import { ActionButton } from './action-button.tsx';
import { fieldWords } from './validation/field-words.ts';
import { TwoVersions } from './two-versions.tsx';

export interface Saved<V> {
  version: number;
  values: V;
}

interface FormDrawerProps<V extends FieldValues> {
  title: string;
  form: UseFormReturn<V>;
  /** Labels of the fields, by name: for the two versions, and to tell which errors a field shows itself. */
  labels: Partial<Record<Path<V>, string>>;
  /** Throws what went wrong; the drawer shows it and stays open. */
  save: (values: V, version: number | undefined) => Promise<unknown>;
  /** Of something that others can change meanwhile: what it was when the form was opened, and how to read it again. */
  saved?: { now: Saved<V>; read: () => Promise<Saved<V>> };
  submit?: string;
  needs: OperationName;
  /** More buttons, before Cancel. */
  buttons?: ReactNode;
  /** Fields. */
  children: ReactNode;
  onClose: () => void;
}

const useStyles = makeStyles({
  form: { display: 'contents' },
  body: {
    display: 'grid',
    // A field may be narrower than its hint or its value.
    gridTemplateColumns: 'minmax(0, 1fr)',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    overflowWrap: 'anywhere',
    paddingBottom: tokens.spacingVerticalL,
  },
  footer: { flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

/** A form at the side. Marks what the server finds wrong, shows both versions when somebody was faster, asks before it loses what was typed. */
export function FormDrawer<V extends FieldValues>(props: FormDrawerProps<V>): ReactNode {
  const { title, form, labels, save, saved, submit, needs, buttons, children, onClose } = props;
  const t = useCommon();
  const styles = useStyles();
  const [error, setError] = useState<Error>();
  const [theirs, setTheirs] = useState<Saved<V>>();
  const [isLeaving, setLeaving] = useState(false);
  const { isDirty, isSubmitting } = form.formState;

  const send = async (values: V, version: number | undefined): Promise<void> => {
    setError(undefined);
    try {
      await save(values, version);
      onClose();
    } catch (failure) {
      if (failure instanceof StaleVersion && saved) {
        setTheirs(await saved.read());
        return;
      }
      markFields(form, labels, failure);
      setError(failure as Error);
    }
  };
  const leave = (): void => (isDirty && !isSubmitting ? setLeaving(true) : onClose());

  return (
    <>
      <SideDrawer title={title} onClose={leave}>
        {/* The server knows the rules; the browser's own bubbles would hide its words. */}
        <form
          className={styles.form}
          noValidate
          onSubmit={(event) => void form.handleSubmit((values) => send(values, saved?.now.version))(event)}
        >
          <DrawerBody>
            <div className={styles.body}>
              {theirs && (
                <TwoVersions
                  labels={labels as Record<string, string>}
                  theirs={theirs.values}
                  mine={form.getValues()}
                  onTakeTheirs={() => {
                    form.reset(theirs.values);
                    setTheirs(undefined);
                    onClose();
                  }}
                  onKeepMine={() => {
                    const { version } = theirs;
                    setTheirs(undefined);
                    void form.handleSubmit((values) => send(values, version))();
                  }}
                />
              )}
              <FormProblem error={error} labels={labels} />
              {children}
            </div>
          </DrawerBody>
          <DrawerFooter className={styles.footer}>
            <ActionButton type="submit" appearance="primary" needs={needs} isBusy={isSubmitting}>
              {submit ?? t('save')}
            </ActionButton>
            {buttons}
            <Button onClick={leave}>{t('cancel')}</Button>
          </DrawerFooter>
        </form>
      </SideDrawer>
      <Confirm
        open={isLeaving}
        title={t('discardAsk')}
        deed={t('discard')}
        onConfirm={onClose}
        onClose={() => setLeaving(false)}
      >
        {null}
      </Confirm>
    </>
  );
}

/** What went wrong with a form, but for what stands beside its fields. */
export function FormProblem({
  error,
  labels,
}: {
  error: Error | undefined | null;
  labels: object;
}): ReactNode {
  const t = useTexts(validation);
  return (
    <ProblemMessage
      error={error}
      except={Object.keys(labels)}
      {...(error instanceof InvalidInput && { marked: t('check') })}
    />
  );
}

const ruleText: Translate<NameIn<typeof validation>> = (name, values) =>
  i18n.t(`${validation.namespace}.${name}`, values);

/** Puts what the server says about a field beside it, in words for people, and the focus into the first. */
export function markFields<V extends FieldValues>(
  form: UseFormReturn<V>,
  labels: Partial<Record<Path<V>, string>>,
  failure: unknown,
): void {
  if (!(failure instanceof InvalidInput || failure instanceof Refused)) return;
  const errors = (failure as IsthmusError).problem?.errors ?? [];
  errors
    .filter(({ field }) => field in labels)
    .forEach(({ field, message }, index) =>
      form.setError(
        field as Path<V>,
        { type: 'server', message: fieldWords(message, field, labels[field as Path<V>] ?? field, ruleText) },
        { shouldFocus: index === 0 },
      ),
    );
}

/** By then the focus is back on what opened the drawer, if there is such a thing. */
const afterRestoringMs = 200;

/** A drawer that the address opened leaves the focus nowhere: then one begins at the top of the page. */
function focusTitle(): void {
  if (document.activeElement === document.body)
    document.querySelector<HTMLElement>('[data-page-title]')?.focus({ preventScroll: true });
}

/** At the side, over the page: Escape closes it, and focus returns to what opened it. */
export function SideDrawer(props: {
  title: string;
  size?: 'medium' | 'large';
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  const { title, size = 'medium', onClose, children } = props;
  const t = useCommon();
  const restoreFocus = useRestoreFocusSource();
  // When what has the focus goes away, as a button whose deed is done, the focus stays in the drawer and does not go behind it.
  const staysHere = useRestoreFocusTarget();
  // Opened by the address, it is there at once: only a drawer that opens gets the focus.
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    setOpen(true);
    return () => void setTimeout(focusTitle, afterRestoringMs);
  }, []);
  return (
    <OverlayDrawer
      {...restoreFocus}
      open={isOpen}
      position="end"
      size={size}
      aria-label={title}
      onOpenChange={(_, { open }) => !open && onClose()}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button
              {...staysHere}
              appearance="subtle"
              icon={<DismissRegular />}
              aria-label={t('close')}
              onClick={onClose}
            />
          }
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      {children}
    </OverlayDrawer>
  );
}
