import { Text } from '@mantine/core';
import type { ComparisonView } from '../../../contract/comparison.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { count } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import classes from './compare.module.css';

/** How much differs in each section; one that is chosen is the only one that is listed. */
export function SectionCounts({
  sections,
  chosen,
  onChoose,
}: {
  sections: ComparisonView['sections'];
  chosen: Section | undefined;
  onChoose: (section: Section | undefined) => void;
}) {
  const differing = SECTIONS.filter((section) => {
    const of = sections[section];
    return of && of.added + of.removed + of.changed > 0;
  });
  const same = SECTIONS.filter(
    (section) => sections[section]?.unknown === false && !differing.includes(section),
  );
  return (
    <>
      <ul className={classes.sections} aria-label="Sections that differ">
        {differing.map((section) => {
          const { added, removed, changed } = sections[section]!;
          return (
            <li key={section}>
              <button
                type="button"
                className={classes.section}
                aria-pressed={chosen === section}
                onClick={() => onChoose(chosen === section ? undefined : section)}
              >
                <span className={classes.sectionName}>{SECTION_NAMES[section]}</span>
                <span className={classes.counts}>
                  {added > 0 && <span className={classes.added}>{count(added)} added</span>}
                  {removed > 0 && <span className={classes.removed}>{count(removed)} removed</span>}
                  {changed > 0 && <span className={classes.changed}>{count(changed)} changed</span>}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {same.length > 0 && (
        <Text size="sm" c="dimmed">
          The same on both sides: {same.map((section) => SECTION_NAMES[section].toLowerCase()).join(', ')}.
        </Text>
      )}
    </>
  );
}
