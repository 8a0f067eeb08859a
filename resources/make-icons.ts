import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import chromium from '@sparticuz/chromium';
import { chromium as browsers } from '@playwright/test';

// Draws the icons of every platform from the mark (resources/page/icon.svg): node resources/make-icons.ts

const folder = import.meta.dirname;
const mark = readFileSync(join(folder, 'page/icon.svg'), 'utf8');
/** For a tray whose colour nobody knows: the mark's shapes alone, in one colour. */
const shapes = mark.replace(/<rect width="32"[^>]*\/>/, '');

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
/** Of the container of macOS, each with the edge of its picture: Apple's “icns” types whose content is a PNG. */
const ICNS: readonly (readonly [type: string, edge: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['icp6', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
];
const ICO = [16, 24, 32, 48, 64, 256];

const browser = await browsers.launch({
  executablePath: await chromium.executablePath(),
  args: chromium.args,
});
try {
  const page = await browser.newPage();
  const draw = async (svg: string, edge: number): Promise<Buffer> => {
    await page.setViewportSize({ width: edge, height: edge });
    await page.setContent(
      `<style>*{margin:0}svg{display:block;width:${edge}px;height:${edge}px}</style>${svg}`,
    );
    return page.screenshot({ omitBackground: true });
  };
  const drawn = new Map<number, Buffer>();
  for (const edge of SIZES) drawn.set(edge, await draw(withRoom(mark, edge), edge));
  const at = (edge: number): Buffer => drawn.get(edge)!;

  const icons = emptied('icons');
  for (const edge of SIZES) writeFileSync(join(icons, `${edge}x${edge}.png`), at(edge));
  writeFileSync(join(icons, 'icon.icns'), icns(ICNS.map(([type, edge]) => [type, at(edge)])));
  writeFileSync(join(icons, 'icon.ico'), ico(ICO.map((edge) => [edge, at(edge)])));

  const tray = emptied('tray');
  for (const [name, svg] of [
    ['tray', mark],
    ['trayTemplate', inOneColour(shapes)],
  ] as const)
    for (const scale of [1, 2])
      writeFileSync(
        join(tray, `${name}${scale === 1 ? '' : '@2x'}.png`),
        await draw(svg, (name === 'tray' ? 24 : 18) * scale),
      );
} finally {
  await browser.close();
}

function emptied(name: string): string {
  const place = resolve(folder, name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  return place;
}

/** Large ones have the margin that the desktops leave around icons; a small one needs every pixel. */
function withRoom(svg: string, edge: number): string {
  return edge < 128 ? svg : svg.replace('viewBox="0 0 32 32"', 'viewBox="-1.6 -1.6 35.2 35.2"');
}

/** macOS colours a template image itself: only how opaque it is counts. The towers and the bridge fill it. */
function inOneColour(svg: string): string {
  return svg
    .replace('viewBox="0 0 32 32"', 'viewBox="3 5 26 24"')
    .replaceAll(/(fill|stroke)="#[0-9a-f]+"/g, '$1="#000"');
}

/** “icns”, then the length of all; for each picture its type, its length with these eight bytes, and the PNG. */
function icns(pictures: readonly (readonly [type: string, png: Buffer])[]): Buffer {
  const parts = pictures.map(([type, png]) =>
    Buffer.concat([Buffer.from(type), uint32(png.length + 8), png]),
  );
  const all = Buffer.concat(parts);
  return Buffer.concat([Buffer.from('icns'), uint32(all.length + 8), all]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** ICONDIR, an ICONDIRENTRY of 16 bytes for each picture (an edge of 256 is written as 0), then the PNGs. */
function ico(pictures: readonly (readonly [edge: number, png: Buffer])[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [at, [edge, png]] of pictures.entries()) {
    const entry = 6 + 16 * at;
    head.writeUInt8(edge % 256, entry);
    head.writeUInt8(edge % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...pictures.map(([, png]) => png)]);
}
