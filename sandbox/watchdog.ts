import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Sees to it that a server and its directory go when this process does, however it ends. */
export interface Watchdog {
  /** The process to end when this one is gone; a later call replaces an earlier one. */
  guard(pid: number): void;
  /** Nothing is left to guard. */
  dismiss(): void;
}

/**
 * Reads from a pipe that closes when the parent ends, SIGKILL included, which no handler inside the parent could
 * notice. SIGQUIT is PostgreSQL's immediate shutdown: it takes its own children with it and removes postmaster.pid last
 * (`kill -0` would also find a zombie, which a container without an init process keeps). The second `rm` is for an
 * initdb that was still writing.
 */
const SCRIPT = `
trap '' HUP INT TERM
pid=
while read -r word value; do
  case "$word" in
    guard) pid=$value ;;
    dismiss) exit 0 ;;
  esac
done
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while [ -e "$1/data/postmaster.pid" ] && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  [ "$tries" -lt 50 ] || kill -KILL "$pid" 2>/dev/null
fi
rm -rf -- "$1" 2>/dev/null || { sleep 0.5; rm -rf -- "$1"; }
`;

export function startWatchdog(directory: string): Watchdog {
  return process.platform === 'win32' ? exitHandler(directory) : shellWatchdog(directory);
}

function shellWatchdog(directory: string): Watchdog {
  // Detached: Ctrl-C on a terminal reaches the whole process group and must not reach this one.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'opengate-sandbox-watchdog', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  const pipe = child.stdin;
  // The pipe alone must not keep the process alive; its end is the signal.
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  pipe.on('error', (error) => (failure = error));
  const say = (line: string): void => {
    if (failure) throw failure;
    pipe.write(line);
  };
  return { guard: (pid) => say(`guard ${pid}\n`), dismiss: () => say('dismiss\n') };
}

/** Windows has no /bin/sh: there the exit event has to do, which covers everything but being killed outright. */
function exitHandler(directory: string): Watchdog {
  let guarded: number | undefined;
  const onExit = (): void => {
    if (guarded !== undefined) process.kill(guarded);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', onExit);
  return {
    guard: (pid) => (guarded = pid),
    dismiss: () => process.removeListener('exit', onExit),
  };
}
