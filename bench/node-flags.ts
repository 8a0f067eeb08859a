/** What the command line is started with (cli/drawbridge.mjs, package.json): so is what is measured. */
export const NODE_FLAGS = ['--max-semi-space-size=8'] as const;
