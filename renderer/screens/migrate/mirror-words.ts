import type { WizardDraft } from './draft.ts';

/** How far the target is as the source after a mirror: only where it was chosen to update what both have. */
export function mirrorSentence({ users, clients }: WizardDraft['policy']): string {
  const staying = [
    ...(users === 'merge'
      ? []
      : [
          'Users whom both have stay as they are on the target, with their roles, credentials and social links.',
        ]),
    ...(clients === 'update' ? [] : ['Clients that both have stay as they are on the target.']),
  ];
  if (staying.length === 0)
    return 'Afterwards the realm has the records of the source, as the source has them, and no others. Values of which the source has none can stay: the preview tells.';
  return [
    'Afterwards the realm is not quite as the source.',
    ...staying,
    'Choose “Update them” where they are to become as the source has them.',
  ].join(' ');
}
