import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { JobProgress } from '../../contract/job.ts';
import type { ApplyStep, StepOutcome } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import { runSteps, Stopped, type StepsRun } from './run-steps.ts';
import type { JournalledContext } from './runner.ts';
import { journalledWrites, writtenView } from './written.ts';
import type { JournalStep } from '../catalog/jobs/job.ts';

const DONE: StepOutcome = { failures: [], retries: 0 };
const PLACES = ['one', 'two'].map((place) => ({ place, services: [place] }));

/** A journal in memory, and a run that can be canceled. */
class Bench {
  readonly steps: JournalStep[] = [];
  readonly canceled = new AbortController();
  readonly held = new AbortController();
  /** From which intent on the journal cannot be written. */
  full = Number.POSITIVE_INFINITY;
  outcome: 'committed' | 'aborted' | 'unknown' = 'unknown';
  #held = false;

  get job(): JournalledContext {
    return {
      job: 'job',
      isResumed: false,
      signal: this.canceled.signal,
      progress: () => {},
      intent: (label, intent) => {
        if (this.steps.length >= this.full) throw new AppError('DISK_FULL', 'The disk is full.');
        this.steps.push({
          seq: this.steps.length + 1,
          label,
          intent: JSON.parse(JSON.stringify(intent)) as JsonObject,
          intentAt: '',
          outcome: null,
          result: null,
          outcomeAt: null,
        });
        return this.steps.length;
      },
      outcome: (seq, outcome) => {
        if (this.steps.length >= this.full) throw new AppError('DISK_FULL', 'The disk is full.');
        this.steps[seq - 1] = { ...this.steps[seq - 1]!, outcome };
      },
      addFailures: () => {},
      noteFound: () => {},
      forgetFailures: () => {},
      note: () => {},
    };
  }

  get run(): StepsRun {
    this.canceled.signal.addEventListener('abort', () => {
      if (!this.#held) this.held.abort();
    });
    return {
      target: { signal: this.held.signal, hold: () => (this.#held = true) },
      items: 4,
      transactional: true,
      commitOutcome: async () => await Promise.resolve(this.outcome),
    };
  }

  written() {
    return writtenView({ environment: 'prod', realm: 'acme' }, journalledWrites(this.steps));
  }
}

function staged(label: string, run: () => StepOutcome = () => DONE): ApplyStep {
  return {
    label,
    section: 'users',
    items: [{ section: 'users', key: label, action: 'create' }],
    repeatable: false,
    run: async (signal) => {
      signal.throwIfAborted();
      return await Promise.resolve(run());
    },
  };
}

function commit(place: string, run: () => StepOutcome = () => DONE): ApplyStep {
  return {
    ...staged(`commit ${place}`, run),
    items: [],
    facts: async () =>
      await Promise.resolve({
        commit: { database: place, place, services: [place], xid: '7' },
        places: PLACES,
      }),
  };
}

async function* inOrder(...steps: ApplyStep[]): AsyncGenerator<ApplyStep> {
  for (const step of steps) yield await Promise.resolve(step);
}

const lost = (): StepOutcome => {
  throw new AppError('CONNECTION_LOST', 'The connection was lost.');
};

describe('the progress', () => {
  it('tells how many records of each section are done, those of attempts before included', async () => {
    const bench = new Bench();
    const shown: JobProgress[] = [];
    const job = { ...bench.job, progress: (progress: JobProgress) => void shown.push(progress) };
    const role: ApplyStep = { ...staged('r'), items: [{ section: 'roles', key: 'r', action: 'create' }] };
    await runSteps(job, inOrder(role, staged('a'), staged('b')), { ...bench.run, transactional: false });
    expect(shown.at(-1)).toMatchObject({ done: 3, sections: { roles: 1, users: 2 } });
    const resumed = {
      steps: 2,
      items: 2,
      databasesWritten: false,
      soFar: { failed: new Set<string>(), retries: 0, warnings: [], issued: [] },
      before: { isAccountedFor: async () => await Promise.resolve(false) },
    };
    await runSteps(job, inOrder(role, staged('a'), staged('b')), {
      ...bench.run,
      transactional: false,
      resumed,
    });
    expect(shown.at(-1)).toMatchObject({ done: 3, sections: { roles: 1, users: 2 } });
  });
});

describe('the steps of a transactional route', () => {
  it('have written nothing when one fails before the first commit', async () => {
    const bench = new Bench();
    const work = runSteps(bench.job, inOrder(staged('a'), staged('b', lost), commit('one')), bench.run);
    await expect(work).rejects.toMatchObject({ itemsDone: 0, cause: { code: 'CONNECTION_LOST' } });
    expect(bench.steps.map(({ outcome }) => outcome)).toEqual(['done', 'failed']);
    expect(bench.written()).toMatchObject({ state: 'nothing', text: 'Nothing was written.' });
  });

  it('stop at a cancel before the first commit', async () => {
    const bench = new Bench();
    const cancel = () => {
      bench.canceled.abort();
      return DONE;
    };
    const work = runSteps(bench.job, inOrder(staged('a', cancel), commit('one'), commit('two')), bench.run);
    await expect(work).rejects.toMatchObject({ cause: { code: 'CANCELED' } });
    expect(bench.written().state).toBe('nothing');
  });

  it('go on to the last commit when canceled between two', async () => {
    const bench = new Bench();
    const cancel = () => {
      bench.canceled.abort();
      return DONE;
    };
    await runSteps(bench.job, inOrder(staged('a'), commit('one', cancel), commit('two')), bench.run);
    expect(bench.written().state).toBe('everything');
  });

  it('go on to the last commit when the journal cannot be written, and then say so', async () => {
    const bench = new Bench();
    let committed = 0;
    const counted = () => {
      bench.full = 2;
      committed++;
      return DONE;
    };
    const steps = inOrder(staged('a'), commit('one', counted), commit('two', counted));
    await expect(runSteps(bench.job, steps, bench.run)).rejects.toMatchObject({
      cause: { code: 'DISK_FULL' },
    });
    expect(committed).toBe(2);
  });

  it('are not committed when the first commit cannot be journalled', async () => {
    const bench = new Bench();
    bench.full = 1;
    let committed = 0;
    const steps = inOrder(
      staged('a'),
      commit('one', () => {
        committed++;
        return DONE;
      }),
    );
    await expect(runSteps(bench.job, steps, bench.run)).rejects.toBeInstanceOf(Stopped);
    expect(committed).toBe(0);
  });

  it.each([
    ['committed', 'everything'],
    ['aborted', 'part'],
    ['unknown', 'unknown'],
  ] as const)('whose second commit was lost and is %s have written %s', async (outcome, state) => {
    const bench = new Bench();
    bench.outcome = outcome;
    const work = runSteps(bench.job, inOrder(staged('a'), commit('one'), commit('two', lost)), bench.run);
    if (outcome === 'committed') await expect(work).resolves.toMatchObject({ retries: 1 });
    else await expect(work).rejects.toMatchObject({ itemsDone: 1, cause: { code: 'CONNECTION_LOST' } });
    expect(bench.written().state).toBe(state);
  });

  it('of which a second commit was never begun are half written', async () => {
    const bench = new Bench();
    const broken: ApplyStep = {
      ...commit('two'),
      facts: async () => await Promise.reject(new AppError('CONNECTION_LOST', 'Gone.')),
    };
    await expect(runSteps(bench.job, inOrder(commit('one'), broken), bench.run)).rejects.toBeInstanceOf(
      Stopped,
    );
    expect(bench.written()).toMatchObject({
      state: 'part',
      text: 'prod/acme is half written: one is written, two is not.',
      databases: [
        { place: 'one', outcome: 'committed' },
        { place: 'two', outcome: 'aborted' },
      ],
    });
  });
});
