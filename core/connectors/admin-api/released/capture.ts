import { AppError } from '../../../../contract/errors.ts';
import type { Capture, CaptureOptions } from '../../connector.ts';
import type { ReleasedTools } from './tools.ts';

/** Reads a realm from a server without export endpoints, resource by resource. */
export function captureReleased(
  tools: ReleasedTools,
  realm: string,
  _options: CaptureOptions,
  _signal: AbortSignal,
): Capture {
  throw new AppError(
    'UNSUPPORTED_BY_ROUTE',
    `Could not read realm “${realm}” from ${tools.client.environment}: this server has no export endpoint.`,
  );
}
