import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { completedCommands, type CompletedCommand } from '../completion/words.ts';
import { zshScript } from '../completion/zsh.ts';
import { EXIT } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { examples } from './examples.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } satisfies Record<
  string,
  (commands: readonly CompletedCommand[]) => string
>;
type Shell = keyof typeof SCRIPTS;

/** What a shell has to be told to complete command lines of this program. */
export function registerCompletion(program: Command, host: Host): void {
  const completion = program
    .command('completion')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)))
    .summary('have Tab complete commands and flags in your shell')
    .description(
      'Prints what a shell has to read to complete commands, flags and their values when Tab is pressed. It completes no names of environments, realms and snapshots: those are encrypted in the catalog.',
    )
    .action((shell: Shell) =>
      host.run(completion, async (io) => {
        const script = `# What Tab completes behind “drawbridge”: made by “drawbridge completion ${shell}”.\n${SCRIPTS[shell](completedCommands(program))}`;
        if (io.json) io.document({ shell, script });
        else io.print([script.trimEnd()]);
        return EXIT.done;
      }),
    );
  examples(completion, [
    'drawbridge completion bash > ~/.local/share/bash-completion/completions/drawbridge',
    'echo \'eval "$(drawbridge completion bash)"\' >> ~/.bashrc    # without the package bash-completion',
    'echo \'eval "$(drawbridge completion zsh)"\' >> ~/.zshrc',
    'drawbridge completion fish > ~/.config/fish/completions/drawbridge.fish',
  ]);
}
