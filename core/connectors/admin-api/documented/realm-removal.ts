import { AppError, isAppError, throwIfAborted } from '../../../../contract/errors.ts';
import type { ApplyItem, ApplyStep, StepOutcome } from '../../connector.ts';
import { isNotServed } from '../api-client.ts';
import type { CaptureTools } from './capture.ts';
import { delayedAbort } from '../time.ts';

/**
 * The realm with all that goes with it, by the Realms API (OpenGate documentation, Realms API page, "Delete Realm").
 *
 * Harmless to repeat: a realm that is gone is what was wished. After a failure it is looked at what stands there now.
 */
export function realmRemovalStep(tools: CaptureTools, realm: string, { key, action }: ApplyItem): ApplyStep {
  return {
    label: `remove realm ${realm}`,
    section: 'realm',
    items: [{ section: 'realm', key, action }],
    repeatable: true,
    run: async (signal) => await removeRealm(tools, realm, signal),
  };
}

async function removeRealm(tools: CaptureTools, realm: string, signal: AbortSignal): Promise<StepOutcome> {
  throwIfAborted(signal);
  const grace = delayedAbort(signal, tools.client.timeouts.cancelGraceMs);
  let retries = 0;
  try {
    await tools.client.json({
      method: 'DELETE',
      url: await tools.realms.urlOf(realm, grace.signal),
      purpose: { to: `remove realm “${realm}”`, notChanged: `Realm “${realm}” was not removed.`, realm },
      repeatable: true,
      signal: grace.signal,
      onRetry: () => retries++,
    });
    return { failures: [], retries };
  } catch (error) {
    if (!isAppError(error) || error.code === 'CANCELED') throw error;
    // Where that cannot be seen either, the failure itself is told.
    if (!(await tools.realms.exists(realm, grace.signal).catch(() => true))) return { failures: [], retries };
    throw isNotServed(error) ? notServed(realm, error) : error;
  } finally {
    grace.dispose();
  }
}

function notServed(realm: string, cause: AppError): AppError {
  return new AppError(
    'UNSUPPORTED_BY_ROUTE',
    `The server does not remove realms over this address: ${cause.message}`,
    {
      notChanged: `Realm “${realm}” was not removed.`,
      remedy:
        'Give the address of the gateway, where the Realms API is documented to be (--gateway-url), or the databases (--pg-url), and run this again. Or remove the realm in OpenGate itself.',
      details: cause.details,
      cause,
    },
  );
}
