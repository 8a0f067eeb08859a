import { useRoute } from 'wouter';
import { JobDetail } from './job-detail.tsx';
import { JobList } from './job-list.tsx';

export default function Jobs() {
  const [isOne, one] = useRoute('/jobs/:job');
  return isOne ? <JobDetail key={one.job} id={one.job} /> : <JobList />;
}
