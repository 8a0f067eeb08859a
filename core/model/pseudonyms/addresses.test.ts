import { expect, it } from 'vitest';
import { addressesIn } from './addresses.ts';

const found = (text: string) => addressesIn(text).map(({ start, end }) => text.slice(start, end));

it.each([
  ['Ask alice@corp.com, or <Bob.B+x@sub.corp.com>.', ['alice@corp.com', 'Bob.B+x@sub.corp.com']],
  ['jürgen@bücher.de', ['jürgen@bücher.de']],
  ['no address @ all, @home, me@', []],
  ['/teams/ann@x.test', ['ann@x.test']],
  ['https://app.test/cb?login_hint=ann@x.test&x=1', ['ann@x.test']],
  ["it's 'ann@x.test', mo'brien@x.test", ['ann@x.test', "mo'brien@x.test"]],
  ['mailto:ann@x.test?cc=bob@x.test', ['ann@x.test', 'bob@x.test']],
  ['สมชาย.ใจดี@ตัวอย่าง.ไทย', ['สมชาย.ใจดี@ตัวอย่าง.ไทย']],
  ['jose\u0301@cafe\u0301.test', ['jose\u0301@cafe\u0301.test']],
  ['_ann@x.test_ and **bob@x.test**', ['ann@x.test', 'bob@x.test']],
  ['ann@[10.0.0.1], ann@dev_host.corp.', ['ann@[10.0.0.1]', 'ann@dev_host.corp']],
])('in “%s” there are %j', (text, addresses) => {
  expect(found(text)).toEqual(addresses);
});

it('says how far one may reach if it is known', () => {
  const text = "a/o'brien@x.test_b";
  const others = addressesIn(text)[0]!.others.map(({ start, end }) => text.slice(start, end));
  expect(others).toEqual([
    "a/o'brien@x.test_b",
    "a/o'brien@x.test",
    "o'brien@x.test_b",
    "o'brien@x.test",
    'brien@x.test_b',
    'brien@x.test',
  ]);
});

it('takes time by the text’s length alone', () => {
  const started = performance.now();
  for (const part of ['a', 'a@', '/', '@', 'a.', '\u0301', "'"])
    addressesIn(`${part.repeat(200_000)}@a${'.'.repeat(100_000)}`);
  expect(performance.now() - started).toBeLessThan(5_000);
});
