import type {
  ApplyItem,
  ApplyStep,
  ApplyTarget,
  Capture,
  CaptureOptions,
  RouteCapabilities,
} from '../connector.ts';

/** What one kind of server speaks: found by probing, never asked of anybody. */
export interface Dialect {
  /** "documented", "v1.1" */
  readonly name: string;
  /** For people: "OpenGate v1.1.0 style: no export endpoints; reading resource by resource". */
  readonly title: string;
  readonly route: RouteCapabilities;
  capture(realm: string, options: CaptureOptions, signal: AbortSignal): Capture;
  applySteps(target: ApplyTarget, items: AsyncIterable<readonly ApplyItem[]>): AsyncIterable<ApplyStep>;
}
