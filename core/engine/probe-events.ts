import { asAppError, toWire } from '../../contract/wire.ts';
import type { ProbeEvent, ProbeView } from '../../contract/environment.ts';
import type { ProbeReport, TellStep } from '../connectors/connector.ts';

/** Runs a probe: each step when it was taken, and at last the report. */
export async function* probeEvents(
  probe: (tell: TellStep) => Promise<ProbeReport>,
): AsyncGenerator<ProbeEvent> {
  const steps: ProbeView['steps'] = [];
  let wake = (): void => undefined;
  const done = probe((step) => {
    steps.push({ ...step });
    wake();
  });
  // Awaited below; a rejection before that must not count as unhandled.
  done.catch(() => undefined);
  try {
    for (;;) {
      const next = new Promise<undefined>((resolve) => {
        wake = () => resolve(undefined);
      });
      for (const step of steps.splice(0)) yield { step };
      if (steps.length > 0) continue;
      const report = await Promise.race([done, next]);
      if (!report) continue;
      for (const step of steps.splice(0)) yield { step };
      yield { result: { ...report, steps: report.steps.map((step) => ({ ...step })) } };
      return;
    }
  } catch (error) {
    // What is thrown while events are given out passes by what translates a procedure's own errors.
    throw toWire(asAppError(error));
  }
}
