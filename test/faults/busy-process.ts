import { readFileSync } from 'node:fs';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from '../cli/captured.ts';

/** What one command came to, as this process prints it, one a line. */
export interface Ran {
  readonly part: string;
  readonly words: readonly string[];
  readonly code: number;
  /** Of the error, if there was one. */
  readonly error?: string;
  readonly message?: string;
  /** What the parts of this process claim to be in the catalog from now on. */
  readonly claim?: Claim;
}

export type Claim =
  | { readonly kind: 'snapshot'; readonly id: string; readonly root: string; readonly users: number }
  | { readonly kind: 'tag'; readonly id: string; readonly tag: string }
  | { readonly kind: 'deleted' | 'restored'; readonly id: string };

export interface Busy {
  readonly part: string;
  /** Counted from when it has started: on a busy machine, eight take their time for that. */
  readonly seconds: number;
  readonly seedFile: string;
  /** A snapshot that was there before, and how many records a search for “alice” finds in it. */
  readonly known: { readonly id: string; readonly alice: number };
}

type Document = Record<string, never> & { readonly snapshots?: Snapshot[]; readonly matches?: unknown[] };
interface Snapshot {
  readonly id: string;
  readonly root: string;
  readonly counts: { readonly users: number };
}

// Run as a process of its own: the words of the task come as a file.
const task = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Busy;
let turns = 0;

async function run(
  words: readonly string[],
  claim?: (document: Document) => Claim | undefined,
): Promise<Document> {
  const around = captured(process.env);
  const code = await runCommandLine([...words, '--json', '--quiet'], around);
  const document = JSON.parse(around.out()) as Document;
  const { error } = document as { error?: { code: string; message: string } };
  const claimed = error === undefined ? claim?.(document) : undefined;
  const told: Ran = {
    part: task.part,
    words,
    code,
    ...(error && { error: error.code, message: error.message }),
    ...(claimed && { claim: claimed }),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  return document;
}

async function backedUp(realm: string): Promise<Snapshot | undefined> {
  const { snapshots } = await run(['backup', 'dev', realm, '--tag', task.part], ({ snapshots }) => {
    const { id, root, counts } = snapshots![0]!;
    return { kind: 'snapshot', id, root, users: counts.users };
  });
  return snapshots?.[0];
}

const PARTS: Readonly<Record<string, () => Promise<unknown>>> = {
  backup: () => backedUp('acme'),
  seed: seeds,
  'seed-too': seeds,
  async plan() {
    const { plan } = await run(['plan', 'latest:dev/acme', 'prod', '--realm', 'merge', '--clients', 'skip']);
    if (plan) await run(['snapshot', 'list', '--all']);
  },
  async look() {
    await run(['snapshot', 'list']);
    await run(['job', 'list']);
    await run(['env', 'list']);
  },
  async search() {
    const { matches } = await run(['snapshot', 'search', task.known.id, 'alice']);
    if (matches?.length !== task.known.alice) throw new Error(`Found ${matches?.length} records.`);
  },
  verify: () => run(['snapshot', 'verify']),
  async trash() {
    const snapshot = await backedUp('partner-portal');
    if (!snapshot) return;
    const { id } = snapshot;
    const tag = `turn-${turns}`;
    await run(['snapshot', 'tag', id, tag], () => ({ kind: 'tag', id, tag }));
    await run(['snapshot', 'delete', id], () => ({ kind: 'deleted', id }));
    if (turns % 2 === 0) await run(['snapshot', 'restore-from-trash', id], () => ({ kind: 'restored', id }));
  },
};

/** Writes something each time: two processes change one realm to what they each want. */
function seeds(): Promise<unknown> {
  process.env['TURN'] = `${task.part} ${turns}`;
  return run(['seed', task.seedFile, 'prod', '--if-exists', 'merge']);
}

const until = performance.now() + task.seconds * 1000;
do {
  await PARTS[task.part]!();
  turns++;
} while (performance.now() < until);
