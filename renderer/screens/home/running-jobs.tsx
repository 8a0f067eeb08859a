import { count } from '../../design/moments.ts';
import { Section } from '../../design/page.tsx';
import { JobUnderWay } from '../../features/jobs/job-under-way.tsx';
import { isUnderWay, useRecentJobs } from '../../features/jobs/use-job.ts';
import classes from './home.module.css';

/** What is being done now, by this program or by another one with the same catalog. Nothing where nothing is. */
export function RunningJobs() {
  const { data } = useRecentJobs();
  const running = data?.filter(isUnderWay) ?? [];
  if (running.length === 0) return null;
  return (
    <Section title={running.length === 1 ? 'Running now' : `Running now: ${count(running.length)} jobs`}>
      <ul className={classes.jobs}>
        {running.map((job) => (
          <li key={job.id}>
            <JobUnderWay job={job} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
