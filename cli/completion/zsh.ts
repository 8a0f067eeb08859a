import { bashScript } from './bash.ts';
import type { CompletedCommand } from './words.ts';

/** The same function, by zsh's own means to take those of Bash. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `autoload -Uz compinit bashcompinit
(( $+functions[compdef] )) || compinit
bashcompinit

${bashScript(commands)}`;
}
