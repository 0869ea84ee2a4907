import type { ReactNode } from 'react';
import { useNavigate, type LinkProps } from '@tanstack/react-router';
import { shell } from '../../shell/texts.ts';
import { useTexts, type NameIn } from '../../texts/use-texts.ts';
import { FilterTabs } from '../list/filters.tsx';

interface HubPage {
  value: string;
  text: NameIn<typeof shell>;
  to: LinkProps['to'];
}

/** One line for each page of the Admin Hub's configuration. */
const hubPages = [
  { value: 'integrations', text: 'integrations', to: '/admin/hub/integrations' },
  { value: 'audit', text: 'audit', to: '/admin/hub/audit' },
] as const satisfies readonly HubPage[];

type HubTab = (typeof hubPages)[number]['value'];

/** The pages of the Admin Hub, side by side. */
export function HubTabs({ value }: { value: HubTab }): ReactNode {
  const t = useTexts(shell);
  const navigate = useNavigate();
  return (
    <FilterTabs<HubTab>
      label={t('configuration')}
      value={value}
      tabs={hubPages.map((page) => ({ value: page.value, label: t(page.text) }))}
      onChange={(next) => void navigate({ to: hubPages.find((page) => page.value === next)!.to })}
    />
  );
}
