import { integer } from '../../contract/numbers.ts';
import { FAULTS, type Fault, type FaultProxy } from './fault-proxy.ts';

/** What some networks did to the calls that passed them. */
export interface FaultCounts {
  readonly calls: number;
  /** Those that did not get their whole answer. */
  readonly failed: number;
  readonly met: Readonly<Record<Fault, number>>;
}

export function countsOf(network: readonly Pick<FaultProxy, 'calls' | 'failed' | 'met'>[]): FaultCounts {
  const sum = (of: (proxy: Pick<FaultProxy, 'calls' | 'failed' | 'met'>) => number): number =>
    network.reduce((total, proxy) => total + of(proxy), 0);
  return {
    calls: sum(({ calls }) => calls),
    failed: sum(({ failed }) => failed),
    met: Object.fromEntries(FAULTS.map((fault) => [fault, sum(({ met }) => met[fault])])) as Record<
      Fault,
      number
    >,
  };
}

/** "reset-before 12, burst 3": the kinds that came, in the order in which they are declared. */
export function kindsText({ met }: FaultCounts): string {
  return FAULTS.flatMap((fault) => (met[fault] > 0 ? [`${fault} ${integer(met[fault])}`] : [])).join(', ');
}

/** A row of the table in docs/network.md, whose numbers are those of one run. */
export function tableRow(
  of: FaultCounts & { readonly what: string; readonly retries: number; readonly result: string },
): string {
  const share = ((100 * of.failed) / of.calls).toFixed(1);
  return `| ${[of.what, integer(of.calls), `${integer(of.failed)} (${share} %)`, kindsText(of), integer(of.retries), of.result].join(' | ')} |`;
}
