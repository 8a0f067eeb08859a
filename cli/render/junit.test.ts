import { expect, test } from 'vitest';
import { junitXml } from './junit.ts';

test('a report counts its cases, and nothing in a text can be taken for XML', () => {
  const xml = junitXml({
    name: 'seed "a" & b',
    startedAt: '2026-03-04T05:06:07.890Z',
    seconds: 1.5,
    cases: [
      { name: 'fine', group: 'g', outcome: 'passed' },
      { name: 'told', group: 'g', outcome: 'passed', text: ']]> <b>' },
      {
        name: 'no',
        group: 'g',
        outcome: 'failed',
        message: 'a\nb',
        type: 'T',
        text: 'x\u0000\ud800\u001b[31m<',
      },
      { name: 'broken', group: 'g', outcome: 'error', message: 'm', type: 'INTERNAL' },
      { name: 'left out', group: 'g', outcome: 'skipped', message: 'why' },
    ],
  });
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="drawbridge" tests="5" failures="1" errors="1" skipped="1" time="1.500">
  <testsuite name="seed &quot;a&quot; &amp; b" tests="5" failures="1" errors="1" skipped="1" time="1.500" timestamp="2026-03-04T05:06:07">
    <testcase name="fine" classname="g"/>
    <testcase name="told" classname="g"><system-out>]]&gt; &lt;b&gt;</system-out></testcase>
    <testcase name="no" classname="g"><failure message="a&#10;b" type="T">x\uFFFD\uFFFD\uFFFD[31m&lt;</failure></testcase>
    <testcase name="broken" classname="g"><error message="m" type="INTERNAL"></error></testcase>
    <testcase name="left out" classname="g"><skipped message="why"/></testcase>
  </testsuite>
</testsuites>
`);
});
