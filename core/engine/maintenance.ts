import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient, implement } from '@orpc/server';
import type { JobProgress } from '../../contract/job.ts';
import { maintenanceContract } from '../../contract/maintenance.ts';
import { moveCatalog } from '../catalog/copies/move-catalog.ts';
import { describeCatalog } from '../catalog/database/describe-catalog.ts';
import { MIGRATIONS } from '../catalog/migrations/migrations.ts';
import type { RepairProgress } from '../catalog/repair/rebuild.ts';
import { repairCatalog } from '../catalog/repair/repair-catalog.ts';
import { compactCatalog } from '../catalog/space/compact-catalog.ts';
import { checkRecoveryKey } from '../catalog/vault/check-recovery-key.ts';
import type { EngineOptions } from './index.ts';
import { asContractErrors } from './implementer.ts';
import { workEvents } from './work-events.ts';

/** Until whoever watches has seen the last event. */
const SHOWN_MILLISECONDS = 600;

export type MaintenanceClient = ContractRouterClient<typeof maintenanceContract>;

/** What can be done with a catalog's folder while no engine of this process has it open. */
export function openMaintenance({
  catalogDir: dir,
  keys,
  testing,
}: Omit<EngineOptions, 'createCatalog'>): MaintenanceClient {
  const maintenance = implement(maintenanceContract).use(asContractErrors);
  const router = maintenance.router({
    show: maintenance.show.handler(() => describeCatalog(dir, MIGRATIONS.length)),
    checkRecoveryKey: maintenance.checkRecoveryKey.handler(({ input }) =>
      checkRecoveryKey(dir, input.recoveryKey),
    ),
    move: maintenance.move.handler(({ input, signal }) =>
      workEvents((progress) =>
        moveCatalog({
          dir,
          to: input.to,
          keys,
          signal,
          testing,
          onCopied: ({ bytes, of }) => progress(copying(bytes, of)),
          onProved: ({ chunks, of }) => progress(verifying(chunks, of)),
        }),
      ),
    ),
    compact: maintenance.compact.handler(({ signal }) =>
      workEvents((progress) =>
        compactCatalog({
          dir,
          keys,
          signal,
          testing,
          async onBegin({ bytes }) {
            progress({
              phase: 'Writing the file anew (this cannot be stopped)',
              done: 0,
              of: bytes,
              unit: 'bytes',
            });
            // While it is written, this process can tell nothing.
            await sleep(SHOWN_MILLISECONDS);
          },
        }),
      ),
    ),
    repair: maintenance.repair.handler(({ input, signal }) =>
      workEvents((progress) =>
        repairCatalog({
          ...input,
          dir,
          keys,
          signal,
          testing,
          onProgress: (latest) => progress(repairing(latest)),
        }),
      ),
    ),
  });
  return createRouterClient(router);
}

function copying(done: number, of: number): JobProgress {
  return { phase: 'Copying', done, of, unit: 'bytes' };
}

const REPAIRING: Readonly<Record<RepairProgress['part'], string>> = {
  reading: 'Reading what is left',
  examining: 'Looking at the damaged catalog',
  'sorting-out': 'Sorting out what is whole',
  proving: 'Verifying the new catalog',
};

function repairing({ part, done, of }: RepairProgress): JobProgress {
  return { phase: REPAIRING[part], done, of, unit: part === 'reading' ? 'pages' : 'chunks' };
}

function verifying(done: number, of: number): JobProgress {
  return { phase: 'Verifying', done, of, unit: 'chunks' };
}
