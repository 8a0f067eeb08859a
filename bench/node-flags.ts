/** What the command line is started with (cli/drawbridge.mjs, package.json): so is what is measured. */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=25'] as const;
