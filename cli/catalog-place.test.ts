import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogPlace } from './catalog-place.ts';

test('what was asked for comes first, then the variable, then the platform’s folder for data', () => {
  const env = { DRAWBRIDGE_CATALOG: '/from/variable', XDG_DATA_HOME: '/data', HOME: '/home/ann' };
  expect(catalogPlace('/asked', env, 'linux')).toBe('/asked');
  expect(catalogPlace(undefined, env, 'linux')).toBe('/from/variable');
  expect(catalogPlace(undefined, { ...env, DRAWBRIDGE_CATALOG: '' }, 'linux')).toBe(
    join('/data', 'drawbridge'),
  );
  expect(catalogPlace(undefined, { HOME: '/home/ann' }, 'linux')).toBe(
    join('/home/ann', '.local', 'share', 'drawbridge'),
  );
  expect(catalogPlace(undefined, { HOME: '/Users/ann' }, 'darwin')).toBe(
    join('/Users/ann', 'Library', 'Application Support', 'Drawbridge'),
  );
  expect(catalogPlace(undefined, { APPDATA: 'C:/Users/ann/AppData/Roaming' }, 'win32')).toBe(
    join('C:/Users/ann/AppData/Roaming', 'Drawbridge'),
  );
});

test('a relative XDG_DATA_HOME is ignored', () => {
  expect(catalogPlace(undefined, { XDG_DATA_HOME: 'data', HOME: '/home/ann' }, 'linux')).toBe(
    join('/home/ann', '.local', 'share', 'drawbridge'),
  );
});
