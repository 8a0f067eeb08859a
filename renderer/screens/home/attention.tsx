import { useConnection } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section } from '../../design/page.tsx';
import type { EnvironmentView } from '../../../contract/environment.ts';
import { BegunWalks } from './attention/begun-walks.tsx';
import { BrokenOffJobs } from './attention/broken-off-jobs.tsx';
import { FailedRuns } from './attention/failed-runs.tsx';
import { HalfWrittenRealms } from './attention/half-written-realms.tsx';
import { NeverBackedUp } from './attention/never-backed-up.tsx';
import { NoRecoveryKey } from './attention/no-recovery-key.tsx';
import { UncheckedCertificates } from './attention/unchecked-certificates.tsx';
import classes from './home.module.css';
import type { LastBackup } from '../../features/backup/last-backups.ts';
import { useAttention } from './attention/use-attention.ts';

/** Why it is not known whether somebody has to look at something. While the engine is gone, that is said for all screens. */
export function AttentionErrors() {
  const { errors } = useAttention();
  const isConnected = useConnection().state === 'connected';
  if (!isConnected) return null;
  return errors.map((error) => <ErrorNotice key={`${error.code} ${error.message}`} error={error} />);
}

/** What somebody has to look at, the most urgent first. Nothing where nothing is. */
export function Attention({
  environments,
  backups,
}: {
  environments: readonly EnvironmentView[];
  /** Undefined: not known. */
  backups: ReadonlyMap<string, readonly LastBackup[]> | undefined;
}) {
  const { halfWritten, brokenOff, failedRuns, begun, lacksRecoveryKey } = useAttention();
  const never = backups ? environments.filter(({ name }) => !backups.has(name)) : [];
  const unchecked = environments.filter(({ api }) => api?.insecureTls);
  const isCalm =
    halfWritten.length + brokenOff.length + failedRuns.length + never.length + unchecked.length === 0;
  if (isCalm && !begun && !lacksRecoveryKey) return null;
  return (
    <Section title="Needs attention">
      <ul className={classes.attention}>
        <HalfWrittenRealms jobs={halfWritten} />
        <BrokenOffJobs jobs={brokenOff} />
        <FailedRuns failures={failedRuns} />
        {begun && <BegunWalks begun={begun} />}
        <UncheckedCertificates environments={unchecked} />
        {lacksRecoveryKey && <NoRecoveryKey />}
        <NeverBackedUp environments={never} />
      </ul>
    </Section>
  );
}
