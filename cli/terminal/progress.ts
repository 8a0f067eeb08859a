import { SingleBar } from 'cli-progress';
import type { JobProgress } from '../../contract/job.ts';
import type { Io } from '../io.ts';
import { bytes, integer } from '../render/numbers.ts';
import { visible } from '../render/visible.ts';
import { truncate } from '../render/width.ts';
import type { Paint } from './paint.ts';

export interface ProgressDisplay {
  show(progress: JobProgress): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** Between two plain lines where there is no terminal: often enough to see life, seldom enough for a log. */
const PLAIN_INTERVAL_MILLISECONDS = 5000;
const BAR_COLUMNS = 24;
/** Time left is told from here on. */
const WORTH_TELLING_SECONDS = 10;

/**
 * A bar on a terminal, plain lines in a log, nothing with `--quiet`; always on standard error. Who keeps it waiting is told
 * at once.
 */
export function progressDisplay(io: Io): ProgressDisplay {
  if (io.quiet) return { show: () => {}, end: () => {} };
  return io.surroundings.stderr.isTTY ? bar(io) : plainLines(io);
}

function bar(io: Io): ProgressDisplay {
  const { stderr } = io.surroundings;
  let current: JobProgress | undefined;
  let toldWaiting = '';
  const single = new SingleBar({
    stream: stderr,
    clearOnComplete: true,
    hideCursor: true,
    // Its own layout cannot show work whose end is unknown.
    format: (_options, params) =>
      current === undefined ? '' : barLine(current, params.maxWidth - 1, io.paintNotes),
  });
  return {
    show(progress) {
      // Who holds what is waited for may be longer than a line: it is told whole, once.
      if (progress.waited !== undefined && progress.phase !== toldWaiting) {
        if (current !== undefined) single.stop();
        current = undefined;
        toldWaiting = progress.phase;
        io.note(visible(progress.phase));
      }
      if (current === undefined) single.start(1, 0);
      current = progress;
      single.setTotal(Math.max(progress.of ?? progress.done + 1, 1));
      single.update(Math.min(progress.done, progress.of ?? progress.done));
    },
    end() {
      if (current !== undefined) single.stop();
      current = undefined;
    },
  };
}

function barLine(progress: JobProgress, columns: number, paint: Paint): string {
  const line =
    progress.waited === undefined
      ? progressLine(progress)
      : `${progress.waited} s: ${visible(progress.phase)}`;
  const share = progress.of ? Math.min(progress.done / progress.of, 1) : undefined;
  if (share === undefined || columns < 2 * BAR_COLUMNS) return truncate(line, columns);
  const filled = Math.round(share * BAR_COLUMNS);
  const drawn = `${paint.cyan('█'.repeat(filled))}${paint.dim('░'.repeat(BAR_COLUMNS - filled))}`;
  return `${drawn} ${truncate(line, columns - BAR_COLUMNS - 1)}`;
}

function plainLines(io: Io): ProgressDisplay {
  let last = '';
  let toldWaiting = '';
  let due = performance.now() + PLAIN_INTERVAL_MILLISECONDS;
  return {
    show(progress) {
      const now = performance.now();
      const line = progressLine(progress);
      const isNews = progress.waited !== undefined && progress.phase !== toldWaiting;
      if ((now < due && !isNews) || line === last) return;
      due = now + PLAIN_INTERVAL_MILLISECONDS;
      if (isNews) toldWaiting = progress.phase;
      last = line;
      io.note(line);
    },
    end() {},
  };
}

/** “Reading users: 120,000 of 1,000,000 users (12 %), 70,123 users/s, about 20 s left”. */
export function progressLine({ phase, done, of, unit, rate, left, waited }: JobProgress): string {
  if (waited !== undefined) return `${visible(phase)}; ${integer(waited)} s so far`;
  const amount = (value: number): string => (unit === 'bytes' ? bytes(value) : integer(value));
  // Every unit but bytes is a plural in “s”.
  const noun = (count: number): string =>
    unit === 'bytes' ? '' : ` ${Math.round(count) === 1 ? unit.slice(0, -1) : unit}`;
  const total =
    of === undefined
      ? `${amount(done)}${noun(done)}`
      : `${amount(done)} of ${amount(of)}${noun(of)}${of > 0 ? ` (${Math.floor((done / of) * 100)} %)` : ''}`;
  const speed = rate === undefined || rate < 1 ? '' : `, ${amount(rate)}${noun(rate)}/s`;
  return `${visible(phase)}: ${total}${speed}${timeLeft(left)}`;
}

/** Only where it is worth waiting for. */
function timeLeft(left: number | undefined): string {
  if (left === undefined || left < WORTH_TELLING_SECONDS) return '';
  return left < 90
    ? `, about ${integer(Math.ceil(left / 10) * 10)} s left`
    : `, about ${integer(Math.ceil(left / 60))} min left`;
}
