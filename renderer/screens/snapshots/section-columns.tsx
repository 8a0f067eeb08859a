import type { ReactNode } from 'react';
import type { Section } from '../../../contract/sections.ts';
import { Foreign } from '../../design/foreign.tsx';
import { count } from '../../design/moments.ts';
import { SecretBadge, secretState } from '../../design/secret-badge.tsx';
import type { TableColumn } from '../../design/virtual-table.tsx';

export interface ShownRecord {
  readonly key: string;
  readonly record: Readonly<Record<string, unknown>>;
}

type Column = TableColumn<ShownRecord>;

/** Of each section what people tell its records apart by; all else is in the record itself. */
export function columnsOf(section: Section): readonly Column[] {
  return COLUMNS[section];
}

const COLUMNS: Readonly<Record<Section, readonly Column[]>> = {
  users: [
    member('username', 'Name', 'minmax(140px, 2fr)'),
    member('email', 'E-mail', 'minmax(160px, 2.5fr)'),
    {
      id: 'person',
      title: 'Person',
      width: 'minmax(120px, 1.6fr)',
      cell: ({ record }) => text([record['firstName'], record['lastName']].filter((part) => part).join(' ')),
    },
    member('roles', 'Roles', 'minmax(120px, 2fr)'),
    enabled(),
  ],
  roles: [
    member('name', 'Name', 'minmax(140px, 1fr)'),
    member('description', 'Description', 'minmax(200px, 3fr)'),
    member('composite', 'Composite', '100px'),
  ],
  groups: [
    member('path', 'Path', 'minmax(200px, 2fr)'),
    member('name', 'Name', 'minmax(120px, 1fr)'),
    member('roles', 'Roles', 'minmax(160px, 2fr)'),
  ],
  clients: [
    member('clientId', 'Client id', 'minmax(160px, 2fr)'),
    member('name', 'Name', 'minmax(140px, 2fr)'),
    {
      id: 'kind',
      title: 'Kind',
      width: '110px',
      cell: ({ record }) => (record['publicClient'] === true ? 'public' : 'confidential'),
    },
    member('redirectUris', 'Redirects to', 'minmax(160px, 3fr)'),
    enabled(),
  ],
  policies: [
    member('name', 'Name', 'minmax(160px, 2fr)'),
    member('resource', 'Resource', 'minmax(120px, 1fr)'),
    member('action', 'Action', 'minmax(100px, 1fr)'),
    member('effect', 'Effect', '100px'),
  ],
  credentials: [
    member('username', 'User', 'minmax(160px, 2fr)'),
    member('type', 'Type', 'minmax(120px, 1fr)'),
    member('secretHash', 'Secret', '130px'),
  ],
  socialLinks: [
    member('username', 'User', 'minmax(140px, 1.5fr)'),
    member('provider', 'Provider', 'minmax(100px, 1fr)'),
    member('providerUserId', 'There', 'minmax(140px, 1.5fr)'),
    member('providerEmail', 'E-mail', 'minmax(160px, 2fr)'),
  ],
  realm: [
    member('name', 'Realm', 'minmax(140px, 1fr)'),
    member('displayName', 'Display name', 'minmax(160px, 2fr)'),
    enabled(),
  ],
};

function member(name: string, title: string, width: string): Column {
  return { id: name, title, width, cell: ({ record }) => shown(record[name]) };
}

function enabled(): Column {
  return {
    id: 'enabled',
    title: 'State',
    width: '90px',
    cell: ({ record }) => (record['enabled'] === false ? 'disabled' : 'enabled'),
  };
}

/** In one line of a table. */
function shown(value: unknown): ReactNode {
  const state = secretState(value);
  if (state) return <SecretBadge state={state} />;
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    const texts = value.slice(0, 12).map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
    return text(texts.join(', ') + (value.length > 12 ? `, and ${count(value.length - 12)} more` : ''));
  }
  return text(typeof value === 'string' ? value : JSON.stringify(value));
}

function text(value: string): ReactNode {
  return value === '' ? '' : <Foreign>{value}</Foreign>;
}
