import { useId, useState, type ReactNode } from 'react';
import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Input,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
} from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { orderWords } from '../texts/orders.ts';
import { subscriptions } from '../texts/subscriptions.ts';
import { useCommon, useTexts, useWord } from '../texts/use-texts.ts';
import { records as things } from '../parts/history/texts.ts';
import { forPeople } from '../parts/feedback/for-people.ts';
import { hrefOf, searchEverything, type Found } from '../data/everything.ts';
import { shell } from './texts.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, maxHeight: '50dvh', overflowY: 'auto' },
  found: {
    display: 'block',
    padding: tokens.spacingVerticalS,
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'pointer',
  },
  active: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    outline: `2px solid ${tokens.colorStrokeFocus2}`,
  },
  quiet: { color: tokens.colorNeutralForeground2 },
  input: { width: '100%' },
});

const thingOf: Readonly<Record<string, string>> = { contract: 'billing-contract' };

/** The parts of a title, with words for the states and kinds among them. */
function useFoundWords(): (one: Found, text: string | null) => string {
  const ofOrder = useWord(orderWords);
  const ofSubscription = useWord(subscriptions);
  return ({ kind }, text) =>
    (text ?? '')
      .split(' · ')
      .map((part) =>
        kind === 'order'
          ? ofOrder('kind', ofOrder('status', part))
          : kind === 'subscription'
            ? ofSubscription('status', part)
            : part,
      )
      .join(' · ');
}

/** Ctrl K: finds a thing by anything that it is called. */
export default function SearchDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useTexts(shell);
  const common = useCommon();
  const records = useWord(things);
  const inWords = useFoundWords();
  const styles = useStyles();
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const { data: found = [], error } = useQuery({
    queryKey: ['/v1/search', text],
    queryFn: ({ signal }) => searchEverything(text, signal),
    enabled: text.trim().length > 1,
    placeholderData: keepPreviousData,
  });
  const open = (one: Found | undefined): void => {
    const href = one && hrefOf(one);
    if (!href) return;
    onClose();
    void navigate({ href });
  };
  const onKeyDown = ({ key }: { key: string }): void => {
    if (key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1));
    else if (key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else if (key === 'Enter') open(found[active]);
  };
  return (
    <Dialog open onOpenChange={(_, { open: isOpen }) => !isOpen && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{common('search')}</DialogTitle>
          <DialogContent>
            <Input
              className={styles.input}
              role="combobox"
              aria-label={t('searchFor')}
              aria-expanded={found.length > 0}
              aria-controls={listId}
              aria-activedescendant={found[active] ? `${listId}-${active}` : undefined}
              placeholder={t('searchFor')}
              value={text}
              onChange={(_, { value }) => {
                setText(value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
            />
            <ul id={listId} role="listbox" aria-label={common('search')} className={styles.list}>
              {found.map((one, index) => (
                <li
                  key={`${one.kind} ${one.id}`}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === active}
                  className={mergeClasses(styles.found, index === active && styles.active)}
                  onClick={() => open(one)}
                >
                  <Text weight="semibold" block>
                    {inWords(one, one.title)}
                  </Text>
                  <Text className={styles.quiet}>
                    {[records('thing', thingOf[one.kind] ?? one.kind), inWords(one, one.subtitle)]
                      .filter(Boolean)
                      .join(' · ')}
                  </Text>
                </li>
              ))}
            </ul>
            <Text role="status" className={styles.quiet}>
              {(error && forPeople(error.message)) ??
                (text.trim().length > 1 && found.length === 0 ? t('nothingFound') : '')}
            </Text>
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
