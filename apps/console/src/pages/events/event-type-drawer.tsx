import type { ReactNode } from 'react';
import { DrawerBody, makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import { useOne } from '../../data/queries.ts';
import { ProblemMessage } from '../../parts/feedback/problem.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { Code } from '../../parts/show/code.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { events } from './texts.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    gridTemplateColumns: 'minmax(0, 1fr)',
    paddingBottom: tokens.spacingVerticalL,
  },
});

/** What events of one type say: for whoever writes the program that gets them. */
export default function EventTypeDrawer({ type, onClose }: { type: string; onClose: () => void }): ReactNode {
  const t = useTexts(events);
  const styles = useStyles();
  const types = useOne('/v1/event-types', {});
  const one = types.data?.find((known) => known.type === type);
  return (
    <SideDrawer title={type} size="large" onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <ProblemMessage error={types.error} onRetry={() => void types.refetch()} />
          {one && (
            <>
              <Text>{one.summary}</Text>
              <Title3 as="h3">{t('example')}</Title3>
              <Code label={t('example')} value={one.example} />
              <Title3 as="h3">{t('schema')}</Title3>
              <Code label={t('schema')} value={one.schema} />
            </>
          )}
        </div>
      </DrawerBody>
    </SideDrawer>
  );
}
