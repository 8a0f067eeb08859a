/** What the command line is started with (cli/drawbridge.mjs, package.json): so is what is measured. */
export const NODE_FLAGS = ['--max-semi-space-size=4'] as const;

/** What of its environment an import has, and a plan of one. */
export const WRITING_ENV = { MALLOC_MMAP_THRESHOLD_: '262144' } as const;
