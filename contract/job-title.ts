import type { JobView } from './job.ts';

/** What is a plan on the command line is a preview in windows: people look at it, they do not handle it. */
const INSTEAD: Readonly<Record<string, readonly [said: string, shown: string]>> = {
  plan: ['Plan ', 'Preview '],
  'rollback-plan': ['Plan to undo ', 'Preview of undoing '],
  'retry-plan': ['Plan to try again ', 'Preview of trying again '],
};

/** A job's title, as windows say it. What stands in it of files and environments stays as it is. */
export function titleInWindows({ kind, title }: Pick<JobView, 'kind' | 'title'>): string {
  const [said, shown] = INSTEAD[kind] ?? ['', ''];
  return title.startsWith(said) ? shown + title.slice(said.length) : title;
}
