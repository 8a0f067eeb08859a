import type { Catalog } from '../../catalog/index.ts';
import { implementer } from '../implementer.ts';

export function catalogKeyProcedures(catalog: Catalog) {
  const { keys } = catalog;
  const procedures = implementer.catalog;
  return {
    show: procedures.show.handler(() => catalog.describe()),
    setPassphrase: procedures.setPassphrase.handler(async ({ input }) => {
      await keys.setPassphrase(input.passphrase, input.presentKey);
      return catalog.describe();
    }),
    useKeychain: procedures.useKeychain.handler(async ({ input }) => {
      await keys.useKeychain(input);
      return catalog.describe();
    }),
    leaveKeychain: procedures.leaveKeychain.handler(async ({ input }) => {
      await keys.leaveKeychain(input);
      return catalog.describe();
    }),
    proposeRecoveryKey: procedures.proposeRecoveryKey.handler(async ({ input }) => ({
      recoveryKey: await keys.proposeRecoveryKey(input.presentKey),
    })),
    keepRecoveryKey: procedures.keepRecoveryKey.handler(({ input }) => {
      keys.keepRecoveryKey(input.recoveryKey);
      return catalog.describe();
    }),
  };
}
