import type { ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { webhooks } from './texts.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    overflowWrap: 'anywhere',
    paddingBottom: tokens.spacingVerticalL,
  },
  bar: { whiteSpace: 'normal' },
});

/** The signing secret, once: after this nobody can read it, here or anywhere. */
export default function SecretDrawer({
  secret,
  onClose,
}: {
  secret: string;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(webhooks);
  const styles = useStyles();
  return (
    <SideDrawer title={t('secretTitle')} onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody className={styles.bar}>{t('secretOnce')}</MessageBarBody>
          </MessageBar>
          <Copyable label={t('secret')} value={secret} />
          <Text>{t('secretUse')}</Text>
        </div>
      </DrawerBody>
      <DrawerFooter>
        <Button appearance="primary" onClick={onClose}>
          {t('secretStored')}
        </Button>
      </DrawerFooter>
    </SideDrawer>
  );
}
