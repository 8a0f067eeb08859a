import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, Platform, type Configuration } from 'electron-builder';
import { parse, stringify } from 'yaml';
import { projectFolder } from './program.ts';
import { VEHICLE, vehicleFolder } from './vehicle.ts';

/**
 * The program as electron-builder.yml packs it, as a folder, around the Electron of the tests. Two things are different:
 * Playwright needs the inspector, and this Electron is older than the last fuse.
 *
 * @returns its folder
 */
export async function packedInto(folder: string): Promise<string> {
  const config = parse(readFileSync(join(projectFolder, 'electron-builder.yml'), 'utf8')) as Configuration;
  const { grantFileProtocolExtraPrivileges: _, ...fuses } = config.electronFuses ?? {};
  // Given as a file: what is given as an object is merged with the one of the project, that fuse included.
  const file = join(folder, 'electron-builder.yml');
  writeFileSync(
    file,
    stringify({
      ...config,
      directories: { ...config.directories, output: folder },
      electronDist: vehicleFolder(),
      electronVersion: VEHICLE.version,
      electronFuses: { ...fuses, enableNodeCliInspectArguments: true },
    }),
  );
  await build({
    projectDir: projectFolder,
    targets: Platform.LINUX.createTarget('dir'),
    publish: 'never',
    config: file,
  });
  const program = join(folder, 'linux-unpacked');
  // With it the tests' Electron opens files of a checkout.
  rmSync(join(program, 'resources/app'), { recursive: true, force: true });
  return program;
}
