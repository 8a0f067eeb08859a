import { afterEach, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { TestCatalogs } from '../../catalog/test-catalog.ts';
import { EntryLists } from './entry-lists.ts';
import { PlanPages } from './plan-pages.ts';
import type { RecordedEntries } from './recorded-entries.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

it('a plan is made although its items cannot be kept; a defect is told', async () => {
  const catalog = await catalogs.open();
  const recordingThat = (met: Error) => {
    const lists = new (class extends EntryLists {
      override newRecording(): RecordedEntries {
        const recording = super.newRecording();
        recording.add = async () => {
          await Promise.resolve();
          throw met;
        };
        return recording;
      }
    })(catalog.stagingDir);
    return new PlanPages(catalog, lists).recording();
  };
  const onFullDisk = recordingThat(new AppError('DISK_FULL', 'There is no room.'));
  await onFullDisk.add([]);
  await onFullDisk.add([]);
  await onFullDisk.keep('plan1');
  await expect(recordingThat(new TypeError('A defect.')).add([])).rejects.toThrow('A defect.');
});
