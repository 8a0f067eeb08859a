import { shellWord } from '../io.ts';

export const SERVICES = ['systemd', 'launchd', 'cron', 'taskScheduler'] as const;
export type ServiceManager = (typeof SERVICES)[number];

export interface ServicePlace {
  /** The words that start this program, absolute. */
  readonly program: readonly string[];
  /** The catalog's folder, absolute. */
  readonly catalog: string;
  readonly timeZone: string;
}

export interface ServiceFile {
  readonly file: { readonly path: string; readonly text: string };
  /** What a person does with it, a sentence each. */
  readonly steps: readonly string[];
}

/** What makes a machine run the schedules. The passphrase is not in it. */
export function serviceFile(service: ServiceManager, place: ServicePlace): ServiceFile {
  return FORMS[service](place);
}

const FORMS: Readonly<Record<ServiceManager, (place: ServicePlace) => ServiceFile>> = {
  systemd: ({ program, catalog }) => ({
    file: {
      path: '~/.config/systemd/user/drawbridge-schedules.service',
      text: `[Unit]
Description=Drawbridge: scheduled backups of OpenGate realms

[Service]
Environment=${assignment('DRAWBRIDGE_CATALOG', catalog)}
LoadCredential=passphrase:%h/.config/drawbridge/passphrase
Environment=DRAWBRIDGE_PASSPHRASE_FILE=%d/passphrase
ExecStart=${commandLine([...program, 'schedule', 'run'])}
Restart=on-failure
RestartSec=60
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`,
    },
    steps: [
      'The passphrase: write it into ~/.config/drawbridge/passphrase, and let nobody else read it: chmod 600. With systemd-creds it can lie encrypted: LoadCredentialEncrypted= instead of LoadCredential=.',
      'Where the keychain opens the catalog, leave out the two lines with “passphrase”.',
      'Switch it on: systemctl --user daemon-reload && systemctl --user enable --now drawbridge-schedules',
      'So that it runs while nobody is logged in: loginctl enable-linger',
      'What it does: journalctl --user -u drawbridge-schedules',
    ],
  }),
  launchd: ({ program, catalog }) => ({
    file: {
      path: '~/Library/LaunchAgents/drawbridge.schedules.plist',
      text: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>drawbridge.schedules</string>
  <key>ProgramArguments</key>
  <array>
${[...program, 'schedule', 'run'].map((word) => `    <string>${xml(word)}</string>\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>DRAWBRIDGE_CATALOG</key><string>${xml(catalog)}</string>
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>60</integer>
</dict>
</plist>
`,
    },
    steps: [
      'The passphrase: an agent of the user may use the keychain, which needs nothing here. Otherwise add DRAWBRIDGE_PASSPHRASE_FILE to EnvironmentVariables, with the path of a file that only you may read (chmod 600).',
      'Switch it on: launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/drawbridge.schedules.plist',
      'Look at it: launchctl print gui/$(id -u)/drawbridge.schedules',
    ],
  }),
  cron: ({ program, catalog }) => ({
    file: {
      path: 'crontab -e',
      // A per cent sign ends the command in a crontab.
      text: `*/5 * * * * DRAWBRIDGE_CATALOG=${cronWord(catalog)} DRAWBRIDGE_PASSPHRASE_FILE="$HOME/.config/drawbridge/passphrase" ${[...program, 'schedule', 'run', '--due', '--quiet'].map(cronWord).join(' ')} > /dev/null\n`,
    },
    steps: [
      'It looks every five minutes, and runs what has become due since; what fails is sent by cron’s own mail, and told at every command, until it is acknowledged.',
      'The passphrase: write it into ~/.config/drawbridge/passphrase, and let nobody else read it: chmod 600.',
    ],
  }),
  taskScheduler: ({ program, catalog }) => ({
    file: {
      path: 'drawbridge-schedules.xml',
      text: `<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Drawbridge: scheduled backups of OpenGate realms</Description></RegistrationInfo>
  <Triggers>
    <LogonTrigger><Enabled>true</Enabled></LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${xml(windowsWord(program[0] ?? ''))}</Command>
      <Arguments>${xml([...program.slice(1), '--catalog', catalog, 'schedule', 'run'].map(windowsWord).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`,
    },
    steps: [
      'The passphrase: the task runs as you, and may use the Windows credential store, which needs nothing here. Otherwise set DRAWBRIDGE_PASSPHRASE_FILE for your account, to a file that only you may read: setx DRAWBRIDGE_PASSPHRASE_FILE <file>',
      'Switch it on: schtasks /Create /TN "Drawbridge schedules" /XML drawbridge-schedules.xml',
      'It starts when you log on; to start it now: schtasks /Run /TN "Drawbridge schedules"',
    ],
  }),
};

/** For `Environment=`: there a dollar is a dollar. */
function assignment(name: string, value: string): string {
  return unitWord(`${name}=${value}`);
}

/**
 * For `ExecStart=`: in arguments, a dollar begins a variable. Not in the program's path, in which systemd refuses quotes,
 * backslashes and control characters, however they are written; such a program is started by a shell.
 */
function commandLine([program = '', ...args]: readonly string[]): string {
  const words = args.map((word) => unitWord(word.replaceAll('$', '$$$$')));
  return (
    /["'\\\p{Cc}]/u.test(program)
      ? ['/bin/sh', '-c', `'exec "$$0" "$$@"'`, unitWord(program.replaceAll('$', '$$$$')), ...words]
      : [unitWord(program), ...words]
  ).join(' ');
}

/** systemd's quoting (systemd.syntax). A per cent sign begins a specifier, also in quotes. */
function unitWord(word: string): string {
  const plain = word.replaceAll('%', '%%');
  if (/^[\w@+=:,./%$~-]+$/.test(plain)) return plain;
  const quoted = plain
    .replace(/["\\]/g, '\\$&')
    .replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${quoted}"`;
}

function cronWord(word: string): string {
  return shellWord(word).replaceAll('%', '\\%');
}

function windowsWord(word: string): string {
  return /[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
