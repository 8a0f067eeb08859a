import type { EnvironmentView, ProbeView } from '../../../contract/environment.ts';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { Told } from '../../design/told.tsx';
import { firstFailure, serverOf } from './health.ts';

/** Whether an environment can be used, as the last look at it told. */
export function Health({
  environment,
  probe,
  probedAt,
}: {
  environment: EnvironmentView;
  /** Of this window, which is newer than what is remembered. */
  probe: ProbeView | undefined;
  /** Milliseconds since 1970. */
  probedAt: number;
}) {
  const { lastSeen } = environment;
  const server = serverOf(environment);
  if (probe && !probe.usable)
    return (
      <strong>
        could not be used at the last test. <Told>{firstFailure(probe) ?? ''}</Told>
      </strong>
    );
  const about = server !== undefined && (
    <>
      {' '}
      (<Foreign>{server}</Foreign>)
    </>
  );
  if (probe)
    return (
      <>
        can be used, tested <Moment at={new Date(probedAt).toISOString()} as="date" />
        {about}
      </>
    );
  if (!lastSeen) return <>not connected to yet</>;
  return (
    <>
      answered <Moment at={lastSeen.at} />
      {about}
    </>
  );
}
