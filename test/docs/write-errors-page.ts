/** Writes docs/guide/errors.md from the list of codes: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { errorsPage } from './errors-page.ts';

writeFileSync(new URL('../../docs/guide/errors.md', import.meta.url), errorsPage());
console.log('docs/guide/errors.md');
