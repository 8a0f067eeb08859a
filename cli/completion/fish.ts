import type { CompletedCommand, CompletedFlag, Value } from './words.ts';

/** Statements for fish 3, which shows what each word and flag is for. Nothing is started when Tab is pressed. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const paths = commands.map(({ path }) => path).filter((path) => path !== '');
  return `set -g __drawbridge_commands ${paths.map(quoted).join(' ')}

# Whether the command that was typed so far is the one named.
function __drawbridge_at
    set -l behind ''
    for typed in (commandline -opc)[2..-1]
        set -l further (string trim -- "$behind $typed")
        if contains -- "$further" $__drawbridge_commands
            set behind $further
        end
    end
    test "$behind" = "$argv[1]"
end

complete -c drawbridge -f
${commands.flatMap(statements).join('\n')}
`;
}

function statements({ path, words, flags, value }: CompletedCommand): string[] {
  const at = `complete -c drawbridge -n ${quoted(`__drawbridge_at ${quoted(path)}`)}`;
  return [
    ...words.map(({ name, description }) => `${at} -a ${quoted(name)} -d ${quoted(description)}`),
    ...(value === 'unknown' ? [] : [`${at}${offered(value)}`]),
    ...flags.map((flag) => `${at} -l ${flag.name.slice(2)} -d ${quoted(flag.description)}${behind(flag)}`),
  ];
}

function behind({ value }: CompletedFlag): string {
  if (value === undefined) return '';
  // -r: something follows; -x: and that is no file.
  return value === 'file' ? ' -r -F' : ` -x${value === 'unknown' ? '' : offered(value)}`;
}

function offered(value: Exclude<Value, 'unknown'>): string {
  if (value === 'file') return ' -F';
  return ` -a ${quoted(value === 'folder' ? '(__fish_complete_directories)' : value.join(' '))}`;
}

/** As a text of fish: within single quotes only these two mean something. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
