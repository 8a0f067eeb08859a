import { NumberInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { SERVICE_NAMES, type EnvironmentView } from '../../../../contract/environment.ts';
import { Foreign } from '../../../design/foreign.tsx';
import { MoreOptions } from '../../../design/more-options.tsx';
import { CertificateField } from './certificate-field.tsx';
import type { FieldErrors, PostgresForm, Service, SslMode } from './environment-form.ts';
import classes from './form.module.css';
import { namedBy, parametersOf } from './postgres-address.ts';
import { SecretField } from './secret-field.tsx';

const MODES: readonly { readonly value: SslMode | ''; readonly label: string }[] = [
  { value: '', label: 'As the address says; else checked, except on this computer' },
  { value: 'verify-full', label: 'verify-full: encrypted, certificate and name checked' },
  { value: 'verify-ca', label: 'verify-ca: encrypted, certificate checked' },
  { value: 'require', label: 'require: encrypted, certificate not checked' },
  { value: 'prefer', label: 'prefer: encrypted if the server offers it' },
  { value: 'disable', label: 'disable: not encrypted' },
];

export const SERVICES: Readonly<Record<Service, string>> = {
  user: 'Users',
  rbac: 'Roles and groups',
  client: 'Clients',
  realm: 'Realms',
};

export function PostgresFields({
  value,
  stored,
  errors,
  onChange,
}: {
  value: PostgresForm;
  stored: EnvironmentView['postgres'];
  errors: FieldErrors;
  onChange: (value: PostgresForm) => void;
}) {
  const set = (change: Partial<PostgresForm>): void => onChange({ ...value, ...change });
  const isWeak = ['disable', 'prefer', 'require'].includes(value.mode);
  const hasPlaces = SERVICE_NAMES.some((service) => value.places[service] !== '');
  const hasTls =
    value.mode !== '' || [value.ca, value.client].some(({ stored, pem }) => stored || pem !== '');
  const waits = value.connectSeconds !== '' || value.lockSeconds !== '';
  const tlsError =
    errors['postgres.tls.mode'] ?? errors['postgres.tls.caPem'] ?? errors['postgres.tls.certPem'];
  return (
    <Stack gap="md">
      <SegmentedControl
        w="fit-content"
        size="xs"
        aria-label="How the server is named"
        data={[
          { value: 'parts', label: 'Host and login' },
          { value: 'address', label: 'Address' },
        ]}
        value={value.by}
        onChange={(by) => onChange(namedBy(value, by))}
      />
      {value.by === 'address' ? (
        <TextInput
          label="Address of the PostgreSQL server"
          description="As libpq takes it: postgres://user@host:5432/?sslmode=verify-full. A password in it is kept encrypted, apart from the address."
          value={value.address}
          error={errors['postgres.url']}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => set({ address: event.currentTarget.value })}
        />
      ) : (
        <>
          <div className={classes.pair}>
            <TextInput
              label="Host"
              value={value.host}
              error={errors['postgres.url']}
              spellCheck={false}
              onChange={(event) => set({ host: event.currentTarget.value })}
            />
            <NumberInput
              label="Port"
              min={1}
              max={65_535}
              allowDecimal={false}
              hideControls
              value={value.port}
              onChange={(port) => set({ port: port === '' ? '' : Number(port) })}
            />
          </div>
          <div className={classes.pair}>
            <TextInput
              label="User"
              value={value.user}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => set({ user: event.currentTarget.value })}
            />
            <TextInput
              label="Database to connect to first"
              description="Empty: the usual ones are tried"
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              value={value.database}
              spellCheck={false}
              onChange={(event) => set({ database: event.currentTarget.value })}
            />
          </div>
          {parametersOf(value) !== '' && (
            <Text size="xs" c="dimmed">
              With the parameters of the address, which have no fields here:{' '}
              <Foreign>{parametersOf(value)}</Foreign>
            </Text>
          )}
        </>
      )}
      <SecretField
        label="Password of the databases"
        description="None: as libpq finds one (PGPASSWORD, the password file)"
        stored={stored?.password === true}
        value={value.password}
        error={errors['postgres.password']}
        onChange={(password) => set({ password })}
      />
      <MoreOptions
        label="Databases of the services"
        begin={hasPlaces || errors['postgres.databases'] !== undefined}
      >
        <Text size="sm" c="dimmed">
          OpenGate keeps a database for each of its services. They are found by looking, unless you name them:
          by the database’s name, or by a whole address where it stands on another server.
        </Text>
        {errors['postgres.databases'] && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {errors['postgres.databases']}
          </Text>
        )}
        {SERVICE_NAMES.map((service) => (
          <div key={service} className={classes.pair}>
            <TextInput
              label={`${SERVICES[service]} (${service})`}
              placeholder="found by looking"
              value={value.places[service]}
              error={errors[`postgres.databases.${service}`]}
              spellCheck={false}
              onChange={(event) => set({ places: { ...value.places, [service]: event.currentTarget.value } })}
            />
            {value.places[service].includes('://') && (
              <SecretField
                label={`Password there (${service})`}
                stored={stored?.passwords.includes(service) === true}
                value={value.passwords[service]}
                onChange={(password) => set({ passwords: { ...value.passwords, [service]: password } })}
              />
            )}
          </div>
        ))}
      </MoreOptions>
      <MoreOptions label="Encryption and waiting" begin={hasTls || waits || tlsError !== undefined}>
        <Select
          label="Encryption (sslmode)"
          data={[...MODES]}
          allowDeselect={false}
          value={value.mode}
          error={tlsError}
          onChange={(mode) => set({ mode: mode ?? '' })}
        />
        {isWeak && (
          <Text size="sm" c="var(--remove)" fw={500} role="alert">
            Anybody on the way can pose as the server and read everything, password hashes included, unless it
            is this very computer.
          </Text>
        )}
        <CertificateField
          label="Certificate authority of the server"
          description="A private one, in PEM: trusted in place of the known ones"
          value={value.ca}
          error={errors['postgres.tls.caPem']}
          onChange={(ca) => set({ ca })}
        />
        <CertificateField
          label="Client certificate"
          description="In PEM, where users log in by certificate"
          value={value.client}
          error={errors['postgres.tls.certPem']}
          onChange={(client) => set({ client })}
        />
        {(value.client.stored || value.client.pem !== '') && (
          <SecretField
            label="Key of the client certificate"
            description="In PEM"
            stored={stored?.tls.clientCertificate === true}
            value={value.key}
            error={errors['postgres.tls.keyPem']}
            onChange={(key) => set({ key })}
          />
        )}
        <div className={classes.pair}>
          <NumberInput
            label="Seconds to wait for a connection"
            min={0.1}
            max={86_400}
            value={value.connectSeconds}
            error={errors['postgres.timeouts.connectMs']}
            onChange={(wait) => set({ connectSeconds: wait === '' ? '' : Number(wait) })}
          />
          <NumberInput
            label="Seconds to wait for a lock"
            description="That somebody else holds on a table"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={0.1}
            max={86_400}
            value={value.lockSeconds}
            error={errors['postgres.timeouts.lockMs']}
            onChange={(wait) => set({ lockSeconds: wait === '' ? '' : Number(wait) })}
          />
        </div>
      </MoreOptions>
    </Stack>
  );
}
