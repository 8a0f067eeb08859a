import { Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ComparisonView, DifferenceView } from '../../../contract/comparison.ts';
import { saveBlob } from '../../client/save-blob.ts';
import { useClient } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { differenceDocument, type DocumentFormat } from './difference-document.ts';
import type { DifferenceFilter } from './difference-table.tsx';

const PAGE = 500;
/** What is put by for the browser to keep at a time, so that the window holds no more. Characters. */
const PIECE = 4_000_000;

/** Hands everything that fits the filter to the browser as a file. */
export function useDownload(
  comparison: ComparisonView,
  filter: DifferenceFilter,
): {
  readonly start: (format: DocumentFormat) => Promise<void>;
  readonly running: DocumentFormat | undefined;
  readonly notice: ReactNode;
} {
  const client = useClient();
  const [running, setRunning] = useState<DocumentFormat>();
  const [notice, setNotice] = useState<ReactNode>();
  async function* pages(): AsyncGenerator<DifferenceView[]> {
    for (let from = 0; ; from += PAGE) {
      const page = await client.engine.snapshots.differences({ ...filter, from, limit: PAGE });
      yield page.differences;
      if (!page.truncated) return;
    }
  }
  const start = async (format: DocumentFormat): Promise<void> => {
    setRunning(format);
    setNotice(undefined);
    const type = format === 'csv' ? 'text/csv' : 'application/json';
    const name = `differences-${comparison.left}-${comparison.right}.${format}`;
    try {
      saveBlob(name, new Blob(await gathered(differenceDocument(format, comparison, pages())), { type }));
      setNotice(
        <Text size="sm" role="status">
          Handed over as {name}: what the filters let through. Secrets are in it as their states only.
        </Text>,
      );
    } catch (error) {
      setNotice(<ErrorNotice error={error} />);
    } finally {
      setRunning(undefined);
    }
  };
  return { start, running, notice };
}

async function gathered(texts: AsyncIterable<string>): Promise<Blob[]> {
  const blobs: Blob[] = [];
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE) continue;
    blobs.push(new Blob([piece]));
    piece = '';
  }
  return [...blobs, new Blob([piece])];
}
