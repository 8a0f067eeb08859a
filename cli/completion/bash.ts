import { isDeepStrictEqual } from 'node:util';
import { shellWord } from '../io.ts';
import type { CompletedCommand, Value } from './words.ts';

/**
 * A function for Bash 3.2 (which macOS has) and newer that needs no other package. All that it offers stands in it: nothing is
 * started when Tab is pressed, and nothing that was typed is ever carried out. zsh takes it as well: no name of a variable
 * in it means something there, as `path` and `words` would.
 */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const follows = commands.flatMap(({ path, words }) => words.map(({ name }) => `${path}/${name}`));
  const values = valuesOfFlags(commands);
  const unknown = values.filter(({ value }) => value === 'unknown').map(({ place }) => place);
  return `_drawbridge() {
  local current="\${COMP_WORDS[COMP_CWORD]}" behind='' flag='' typed='' at offered='' value='' before=''
  for ((at = 1; at < COMP_CWORD; at++)); do
    typed="\${COMP_WORDS[at]}"
    # Bash takes “--flag=value” for three words.
    if [[ "$typed" == '=' ]]; then
      continue
    elif [[ -n "$flag" ]]; then
      flag=''
    elif [[ "$typed" == -* ]]; then
      if _drawbridge_value "$behind" "$typed"; then flag="$typed"; fi
    elif _drawbridge_leads "$behind" "$typed"; then
      behind="\${behind:+$behind }$typed"
    fi
  done
  # zsh takes it for one.
  if [[ "$current" == --*=* ]]; then
    before="\${current%%=*}="
    flag="\${before%=}"
    current="\${current#*=}"
  elif [[ "$current" == '=' ]]; then
    current=''
  fi
  if [[ -n "$flag" ]]; then
    _drawbridge_value "$behind" "$flag"
  elif [[ "$current" == -* ]]; then
    value=''
    _drawbridge_flags "$behind"
  else
    _drawbridge_words "$behind"
  fi
  COMPREPLY=()
  while IFS= read -r typed; do COMPREPLY+=("$before$typed"); done < <(
    IFS=$'\\n'
    compgen -W "$offered" -- "$current"
    case "$value" in
      file) compgen -f -- "$current" ;;
      folder) compgen -d -- "$current" ;;
    esac
  )
  # Folders get their slash, and names with spaces their quotes, where that can be had.
  if [[ -n "$value" ]]; then compopt -o filenames 2>/dev/null; fi
  return 0
}

# Whether the word $2 behind the command $1 leads to another command.
_drawbridge_leads() {
  case "$1/$2" in
    ${follows.map(word).join(' | ')}) return 0 ;;
  esac
  return 1
}

# The words that can stand behind the command $1.
_drawbridge_words() {
  offered='' value=''
  case "$1" in
${commands.flatMap(({ path, words, value }) => offer(word(path), value, words)).join('\n')}
  esac
}

# The flags of the command $1.
_drawbridge_flags() {
  offered=''
  case "$1" in
${commands.map(({ path, flags }) => `    ${word(path)}) offered=${lines(flags.map(({ name }) => name))} ;;`).join('\n')}
  esac
}

# What can stand behind the flag $2 of the command $1. Fails where the flag takes nothing.
_drawbridge_value() {
  offered='' value=''
  case "$1/$2" in
${values.flatMap(({ place, value }) => offer(place, value)).join('\n')}
    ${unknown.join(' | ')}) ;;
    *) return 1 ;;
  esac
}

complete -F _drawbridge drawbridge
`;
}

/** What can stand behind flags: where it is the same behind every flag of a name, the command does not matter. */
function valuesOfFlags(
  commands: readonly CompletedCommand[],
): { readonly place: string; readonly value: Value }[] {
  const all = commands.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) => (value === undefined ? [] : [{ path, name, value }])),
  );
  return [...Map.groupBy(all, ({ name }) => name)].flatMap(([name, [first, ...others]]) =>
    others.every(({ value }) => isDeepStrictEqual(value, first!.value))
      ? [{ place: `*/${name}`, value: first!.value }]
      : [first!, ...others].map(({ path, value }) => ({ place: word(`${path}/${name}`), value })),
  );
}

/** A branch of a `case`; none where nothing can be offered. */
function offer(place: string, value: Value, words: CompletedCommand['words'] = []): string[] {
  const all = [...words.map(({ name }) => name), ...(typeof value === 'string' ? [] : value)];
  const kind = value === 'file' || value === 'folder' ? ` value=${value}` : '';
  return all.length === 0 && kind === '' ? [] : [`    ${place}) offered=${lines(all)}${kind} ;;`];
}

function word(text: string): string {
  return text === '' ? "''" : shellWord(text);
}

/** Words, each on a line of its own, as Bash writes a text with line feeds. None has a quote in it. */
function lines(words: readonly string[]): string {
  return words.length === 0 ? "''" : `$'${words.join('\\n')}'`;
}
