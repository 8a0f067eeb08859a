import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

/** What was built into each part of the program, one file for each; packed with the program in another form (before-pack.ts). */
export const BUNDLED_FOLDER = 'out/packages';

/**
 * Writes down of which packages a build has taken something, as `out/packages/<part>.json`: folders, from the project's. A
 * package that is built in leaves no package.json behind, and which of a package's own packages are taken is known to nobody
 * else.
 *
 * @param project its folder, which a module that is built into electron-vite's configuration cannot tell by itself
 */
export function listBundled(project: string, part: string): Plugin {
  return {
    name: 'list-bundled-packages',
    writeBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((output) =>
        output.type === 'chunk' ? output.moduleIds : [],
      );
      // Styles, and the fonts that they name, are in no chunk.
      const styles = [...this.getModuleIds()].filter((id) => /\.css(\?|$)/.test(id));
      const folders = new Set([...modules, ...styles].flatMap((module) => packageFolder(project, module)));
      mkdirSync(join(project, BUNDLED_FOLDER), { recursive: true });
      const list = `${JSON.stringify([...folders].toSorted(), null, 2)}\n`;
      writeFileSync(join(project, BUNDLED_FOLDER, `${part}.json`), list);
    },
  };
}

/** None for our own files, and for what the bundler makes up. */
function packageFolder(project: string, module: string): string[] {
  const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module) ?? [];
  return folder === undefined || module.startsWith('\0')
    ? []
    : [relative(project, folder).split(sep).join('/')];
}
