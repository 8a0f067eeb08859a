import { useEffect, useRef, useState } from 'react';
import { Button, Checkbox, Group, Stack } from '@mantine/core';
import { IconArrowsExchange, IconArrowsLeftRight } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page } from '../../design/page.tsx';
import { ComparisonJob } from './comparison-job.tsx';
import classes from './compare.module.css';
import { isComplete, isStored, sideOf, sourceOf, type Side } from './side.ts';
import { SidePicker } from './side-picker.tsx';
import { jobOf, queryOf, wishOf, type ComparisonWish } from './wish.ts';

/** What differs between two states of a realm: record by record, member by member. */
export default function Compare() {
  const [query, setQuery] = useSearchParams();
  const job = query.get('job');
  const wish = wishOf(query);
  const choose = (chosen: Record<string, string>): void => setQuery(chosen);
  if (job !== null)
    return (
      <ComparisonJob
        id={job}
        wish={wish}
        onChange={() => choose({ ...queryOf(wish), choosing: 'yes' })}
        onSwap={() => choose(queryOf({ ...wish, left: wish.right, right: wish.left }))}
      />
    );
  return (
    <Chooser
      key={query.toString()}
      wish={wish}
      atOnce={!query.has('choosing')}
      onStarted={(id, of) => setQuery({ ...queryOf(of), job: id }, { replace: true })}
    />
  );
}

function Chooser({
  wish,
  atOnce,
  onStarted,
}: {
  wish: ComparisonWish;
  /** A link that names two stored sides says all: nothing is read for it but the catalog. */
  atOnce: boolean;
  onStarted: (job: string, wish: ComparisonWish) => void;
}) {
  const api = useApi();
  const [left, setLeft] = useState<Side>(() => sideOf(wish.left));
  const [right, setRight] = useState<Side>(() => sideOf(wish.right));
  const [declared, setDeclared] = useState(wish.declared);
  const [extra, setExtra] = useState(wish.extra);
  const [variables, setVariables] = useState(wish.variables);
  const start = useMutation(api.engine.jobs.start.mutationOptions());
  const begin = (): void => {
    const wanted = { left: sourceOf(left), right: sourceOf(right), declared, extra, variables };
    start.mutate(jobOf(wanted), { onSuccess: ({ id }) => onStarted(id, wanted) });
  };
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || !atOnce || !isStored(left) || !isStored(right)) return;
    begun.current = true;
    begin();
    // Only for what the link had named: what is chosen here begins with the button.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <Page
      title="Compare"
      lead="Two states of a realm, record by record. Ids and times are left out; what a side cannot know is unknown, not different."
    >
      <div className={classes.sides}>
        <SidePicker label="Before" hint="The older one, or what is declared" side={left} onChange={setLeft} />
        <Button
          variant="default"
          aria-label="Exchange the two sides"
          className={classes.exchange}
          onClick={() => {
            setLeft(right);
            setRight(left);
          }}
        >
          <IconArrowsExchange size={18} aria-hidden />
        </Button>
        <SidePicker label="After" hint="The newer one, or what there is" side={right} onChange={setRight} />
      </div>
      <Stack gap="xs">
        <Checkbox
          label="Compare only what the first side declares"
          description="Its records, and of these the members that it has: for files that name what matters, and leave the rest to the server."
          checked={declared}
          onChange={({ currentTarget: { checked } }) => setDeclared(checked)}
        />
        {declared && (
          <Checkbox
            ml="xl"
            label="And records that only the second side has, in sections that the first one has"
            checked={extra}
            onChange={({ currentTarget: { checked } }) => setExtra(checked)}
          />
        )}
        {(left.kind === 'file' || right.kind === 'file') && (
          <Checkbox
            label="${NAME} in the texts of a file stands for environment variables"
            description="Of the program that Drawbridge’s engine runs in."
            checked={variables}
            onChange={({ currentTarget: { checked } }) => setVariables(checked)}
          />
        )}
      </Stack>
      <ErrorNotice error={start.error} />
      <Group>
        <Button
          size="md"
          leftSection={<IconArrowsLeftRight size={18} aria-hidden />}
          disabled={!isComplete(left) || !isComplete(right)}
          loading={start.isPending}
          onClick={begin}
        >
          Compare
        </Button>
      </Group>
    </Page>
  );
}
