import { Suspense, type ReactNode } from 'react';
import { Button, Menu, MenuPopover, MenuTrigger, useRestoreFocusTarget } from '@fluentui/react-components';
import type { LazyMenuProps } from './lazy-menu.tsx';

/** See `LazyMenu`: the click that wanted it opens it. */
export default function OpenMenu({ label, icon, children }: LazyMenuProps): ReactNode {
  const restoreFocus = useRestoreFocusTarget();
  return (
    <Menu positioning="below-end" defaultOpen>
      <MenuTrigger disableButtonEnhancement>
        <Button {...restoreFocus} appearance="subtle" icon={icon} aria-label={label} />
      </MenuTrigger>
      <MenuPopover>
        <Suspense fallback={null}>{children}</Suspense>
      </MenuPopover>
    </Menu>
  );
}
