import { Route, Switch } from 'wouter';
import { AddSchedule } from './add-schedule.tsx';
import { EditSchedule } from './edit-schedule.tsx';
import { ScheduleList } from './schedule-list.tsx';
import { ShowSchedule } from './show-schedule.tsx';

/** Backups that are taken by themselves. */
export default function Schedules() {
  return (
    <Switch>
      <Route path="/schedules" component={ScheduleList} />
      <Route path="/schedules/add" component={AddSchedule} />
      {/* Any name is allowed, also “add”: so names have a folder of their own. */}
      <Route path="/schedules/named/:name">{({ name }) => <ShowSchedule name={name} />}</Route>
      <Route path="/schedules/named/:name/edit">{({ name }) => <EditSchedule name={name} />}</Route>
    </Switch>
  );
}
