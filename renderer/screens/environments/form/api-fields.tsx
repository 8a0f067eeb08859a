import { Alert, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { IconLockOpen } from '@tabler/icons-react';
import { MoreOptions } from '../../../design/more-options.tsx';
import type { Stage } from '../../../design/stage-badge.tsx';
import { CertificateField } from './certificate-field.tsx';
import type { ApiForm, FieldErrors } from './environment-form.ts';
import classes from './form.module.css';
import { SecretField } from './secret-field.tsx';

export function ApiFields({
  value,
  stage,
  errors,
  secretStored,
  onChange,
}: {
  value: ApiForm;
  stage: Stage;
  errors: FieldErrors;
  secretStored: boolean;
  onChange: (value: ApiForm) => void;
}) {
  const set = (change: Partial<ApiForm>): void => onChange({ ...value, ...change });
  const beyondUsual =
    value.ca.stored ||
    value.insecureTls ||
    value.scopes !== '' ||
    value.concurrency !== '' ||
    value.requestsPerSecond !== '';
  return (
    <Stack gap="md">
      <TextInput
        label="Address of the Admin API"
        description="Or of a gateway in front of it, such as https://iam.example.com:8089"
        value={value.apiUrl}
        error={errors['api.apiUrl']}
        inputMode="url"
        spellCheck={false}
        onChange={(event) => set({ apiUrl: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        <TextInput
          label="Client id"
          value={value.clientId}
          error={errors['api.clientId']}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set({ clientId: event.currentTarget.value })}
        />
        <SecretField
          label="Client secret"
          stored={secretStored}
          value={value.clientSecret}
          error={errors['api.clientSecret']}
          onChange={(clientSecret) => set({ clientSecret })}
        />
      </div>
      <div className={classes.pair}>
        <TextInput
          label="Address that issues tokens"
          description="If it is not the Admin API’s own"
          value={value.authUrl}
          error={errors['api.authUrl']}
          inputMode="url"
          spellCheck={false}
          onChange={(event) => set({ authUrl: event.currentTarget.value })}
        />
        <TextInput
          label="Address of the gateway"
          description="If there is one beside the Admin API"
          value={value.gatewayUrl}
          error={errors['api.gatewayUrl']}
          inputMode="url"
          spellCheck={false}
          onChange={(event) => set({ gatewayUrl: event.currentTarget.value })}
        />
      </div>
      {value.insecureTls && (
        <Alert
          color="brick"
          variant="filled"
          role="alert"
          icon={<IconLockOpen aria-hidden />}
          title="The server’s certificate is not checked"
        >
          Anybody on the way can read and change what is sent, the client’s secret included. Drawbridge says
          so wherever this environment is used. Give its certificate authority instead.
        </Alert>
      )}
      <MoreOptions
        label="Certificates, scopes and limits"
        begin={beyondUsual || value.ca.pem !== '' || errors['api.caPem'] !== undefined}
      >
        <CertificateField
          label="Certificate authority of the Admin API"
          description="A private one, in PEM: trusted besides the known ones"
          value={value.ca}
          error={errors['api.caPem']}
          onChange={(ca) => set({ ca })}
        />
        <Switch
          color="brick"
          label="Do not check the server’s certificate"
          description="For a moment, on a network that you trust. It is told at every use."
          checked={value.insecureTls}
          onChange={(event) => set({ insecureTls: event.currentTarget.checked })}
        />
        <TextInput
          label="Scopes to ask a token with"
          description="Apart by blanks; none: what the server gives the client by itself"
          value={value.scopes}
          error={errors['api.scopes']}
          spellCheck={false}
          onChange={(event) => set({ scopes: event.currentTarget.value })}
        />
        <div className={classes.pair}>
          <NumberInput
            label="Calls under way at a time"
            placeholder={stage === 'production' ? '4, as usual on production' : '16, as usual'}
            min={1}
            max={64}
            allowDecimal={false}
            clampBehavior="blur"
            value={value.concurrency}
            error={errors['api.limits.concurrency']}
            onChange={(concurrency) => set({ concurrency: numberOf(concurrency) })}
          />
          <NumberInput
            label="Calls in a second"
            description="0: as many as there are"
            placeholder={stage === 'production' ? '50, as usual on production' : '0, as usual'}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={0}
            max={100_000}
            value={value.requestsPerSecond}
            error={errors['api.limits.requestsPerSecond']}
            onChange={(requestsPerSecond) => set({ requestsPerSecond: numberOf(requestsPerSecond) })}
          />
        </div>
      </MoreOptions>
    </Stack>
  );
}

function numberOf(typed: number | string): number | '' {
  return typed === '' || Number.isNaN(Number(typed)) ? '' : Number(typed);
}
