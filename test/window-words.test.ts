import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { COUNTERPARTS } from '../renderer/wording/commands.ts';
import { PHRASES } from '../renderer/wording/phrases.ts';
import { reworded, RULES, UNKNOWN_COMMAND } from '../renderer/wording/window-words.ts';
import { isNode, nodesIn, textsIn } from './written-texts.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Whose texts no window shows. */
const NOT_SHOWN = [
  // Documents of their own, which are read anywhere: reports, and what stands in an archive.
  /^core\/reports\//,
  /^core\/formats\/archive\/write-archive\.ts$/,
  // Of these flags windows show what they mean.
  /^contract\/settling\.ts$/,
  // For V8, and for PostgreSQL's own programs.
  /^core\/jobs\/heap-growth\.ts$/,
  /^sandbox\/postgres-server\.ts$/,
];
/** Labels of keys that are derived, and no commands. */
const LABELS = /^drawbridge (?:key slot|recovery key v1|catalog v1 12ab)$/;

/** What nobody can do anything with who has no terminal. “drawbridge serve” is what shows these windows to browsers. */
const OF_TERMINALS =
  /\bdrawbridge (?!serve\b)[a-z]|(?<![\w-])--[a-z]|\bDRAWBRIDGE_[A-Z]|Ctrl-C|\bth(?:e|is) command\b(?! line)|\bflags?\b|\b(?:gunzip|iconv -|tail -|age -)/;

const texts = globSync(['{core,contract,sandbox}/**/*.ts'], { cwd: ROOT })
  .filter((path) => !/\.test\.ts$|\/testing\//.test(path) && !NOT_SHOWN.some((files) => files.test(path)))
  .flatMap((path) =>
    textsIn(path, readFileSync(`${ROOT}/${path}`, 'utf8')).flatMap(({ line, variants }) =>
      variants.map((text) => ({ place: `${path}:${line}`, text })),
    ),
  )
  .filter(({ text }) => OF_TERMINALS.test(text) && !LABELS.test(text));

test('no text of the engine tells people in windows to use a terminal, but by saying so', () => {
  expect(texts.length).toBeGreaterThan(90);
  expect(texts.flatMap(({ place, text }) => complaints(text).map((what) => `${place}: ${what}`))).toEqual([]);
});

test('every rule is for something that the engine says', () => {
  const used = new Set(texts.flatMap(({ text }) => reworded(text).rules));
  expect(RULES.filter((rule) => rule !== UNKNOWN_COMMAND && !used.has(rule)).map(({ said }) => said)).toEqual(
    [],
  );
});

test.each([
  ['See it: drawbridge job frobnicate 12ab.', 'is in no table'],
  ['“drawbridge catalog polish” helps.', 'is in no table'],
  ['Then use drawbridge polish on it.', '“Then use drawbridge polish on it.” is of a terminal'],
  ['See what it did: drawbridge job show 12ab --all.', 'is in no table'],
  ['Say so with --polish.', '“Say so with --polish.” is of a terminal'],
  ['Give it in DRAWBRIDGE_POLISH.', '“Give it in DRAWBRIDGE_POLISH.” is of a terminal'],
  ['Press Ctrl-C.', '“Press Ctrl-C.” is of a terminal'],
])('a text that no rule is for is found: %s', (text, complaint) => {
  expect(complaints(text).join()).toContain(complaint);
});

test.each([
  ["'one'", [['one']]],
  ['`a ${b} c`', [['a 12ab c']]],
  ["`a ${b ? 'x' : `y ${z}`} c`", [['a x c', 'a y 12ab c']]],
  ["const x = b ? '' : ' --flag'; f(`a${x}`)", [['a', 'a --flag']]],
  ["'one ' + (b && 'two') + `three`", [['one three', 'one twothree']]],
  ["f('one', `two ${g('three')}`)", [['one'], ['two 12ab'], ['three']]],
])('the texts of a source are read as they are put together: %s', (code, expected) => {
  expect(textsIn('a.ts', code).map(({ variants }) => variants)).toEqual(expected);
});

const windows = globSync(['renderer/**/*.{ts,tsx}'], { cwd: ROOT })
  .filter((path) => !/\.test\.ts$|^renderer\/wording\//.test(path))
  .map((path) => ({ path, code: readFileSync(`${ROOT}/${path}`, 'utf8') }));

test('what people are told to press is there, and so is where they are led to', () => {
  const told = [
    ...COUNTERPARTS.map(({ name, to, besides = '' }) => `[${name}](${to})${besides}`),
    ...PHRASES.map(({ instead }) => instead),
  ];
  const labels = told.flatMap((text) => [...text.matchAll(/“([^”]+)”/g)].map(([, label]) => label!));
  const places = told.flatMap((text) => [...text.matchAll(/\]\((\/[^?)]*)/g)].map(([, place]) => place!));
  expect(labels.length).toBeGreaterThan(20);
  expect(places.length).toBeGreaterThan(20);
  // A part that stands for a number is in no source: “Try … again”; nor is a value that is typed: “Last: 1”.
  const written = (label: string): boolean =>
    label.split(/ … |: 1$/).every((part) => windows.some(({ code }) => code.includes(part)));
  expect(labels.filter((label) => !written(label))).toEqual([]);
  const { code } = windows.find(({ path }) => path === 'renderer/shell/screens.tsx')!;
  const routes = [...code.matchAll(/\['(\/[^']*)', /g)].map(([, route]) => routeForm(route!));
  expect(routes.length).toBeGreaterThan(8);
  expect(places.filter((place) => !routes.some((route) => route.test(place)))).toEqual([]);
});

/** What addresses a route takes: `/jobs/:job?`, `/help/*?`. */
function routeForm(route: string): RegExp {
  return new RegExp(
    `^${route
      .replace(/\/\*\?/, '(?:/.*)?')
      .replace(/\/:\w+\?/, '(?:/[^/]+)?')
      .replaceAll(/:\w+/g, '[^/]+')}$`,
  );
}

/** What the engine calls its sentences. */
const SENTENCES = new Set([
  'message',
  'notChanged',
  'remedy',
  'reason',
  'explanation',
  'warning',
  'inconsistent',
  'pending',
  'leftBehind',
]);

test('no screen shows a sentence of the engine but by what says it in other words', () => {
  expect(windows.flatMap(({ path, code }) => shownRaw(path, code).map((what) => `${path}: ${what}`))).toEqual(
    [],
  );
});

test.each([
  ['<p>{error.message}</p>', ['error.message']],
  ['<Foreign whole>{item.explanation}</Foreign>', ['item.explanation']],
  ['<Foreign>{remedy}</Foreign>', ['remedy']],
  ['<Told>{remedy}</Told>', []],
  ['<Foreign>{windowText(remedy)}</Foreign>', []],
  ['<Foreign>{key}</Foreign>', []],
])('a sentence of the engine that is shown as it came is found: %s', (code, expected) => {
  expect(shownRaw('a.tsx', code)).toEqual(expected);
});

function shownRaw(path: string, code: string): string[] {
  return [...nodesIn(parseSync(path, code).program)].flatMap((element) => {
    if (element.type !== 'JSXElement' || nameOf(element['openingElement']) === 'Told') return [];
    return (element['children'] as readonly unknown[]).flatMap((child) => {
      const shown =
        isNode(child) && child.type === 'JSXExpressionContainer' ? child['expression'] : undefined;
      if (!isNode(shown)) return [];
      const last = shown.type === 'MemberExpression' ? shown['property'] : shown;
      return isNode(last) && SENTENCES.has(String(last['name']))
        ? [code.slice(shown.start, Number(shown['end']))]
        : [];
    });
  });
}

function nameOf(opening: unknown): unknown {
  const name = isNode(opening) ? opening['name'] : undefined;
  return isNode(name) ? name['name'] : undefined;
}

function complaints(text: string): string[] {
  const { pieces, rules } = reworded(text);
  const words = pieces.flatMap((piece) =>
    typeof piece === 'string' ? [piece] : 'words' in piece ? [piece.words] : [],
  );
  const hasCommand = pieces.some((piece) => typeof piece !== 'string' && 'command' in piece);
  return [
    ...words.filter((one) => OF_TERMINALS.test(one)).map((one) => `“${one}” is of a terminal`),
    ...(rules.includes(UNKNOWN_COMMAND) ? [`the command in “${text}” is in no table`] : []),
    ...(hasCommand && !words.join('').includes('in a terminal')
      ? [`“${text}” does not say that it is for a terminal`]
      : []),
  ];
}
