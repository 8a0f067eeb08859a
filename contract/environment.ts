import { z } from 'zod';

export const STAGES = ['development', 'staging', 'production'] as const;

export const environmentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// address' });

/** What is needed to add an environment. The secret goes in once and never comes back. */
export const environmentInput = z.strictObject({
  name: environmentName,
  stage: z.enum(STAGES).default('development'),
  api: z.strictObject({
    apiUrl: httpUrl,
    authUrl: httpUrl.optional(),
    gatewayUrl: httpUrl.optional(),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    caPem: z.string().optional(),
    insecureTls: z.boolean().optional(),
  }),
});
export type EnvironmentInput = z.infer<typeof environmentInput>;

export const environmentView = z.object({
  name: z.string(),
  stage: z.enum(STAGES),
  api: z.object({
    apiUrl: z.string(),
    authUrl: z.string().optional(),
    gatewayUrl: z.string().optional(),
    clientId: z.string(),
    privateCa: z.boolean(),
    insecureTls: z.boolean(),
  }),
  createdAt: z.string(),
});
export type EnvironmentView = z.infer<typeof environmentView>;

export const probeView = z.object({
  usable: z.boolean(),
  dialect: z.string().optional(),
  serverVersion: z.string().optional(),
  steps: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(['ok', 'finding', 'failed', 'skipped']),
      text: z.string(),
    }),
  ),
});
export type ProbeView = z.infer<typeof probeView>;

export const realmView = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  enabled: z.boolean().optional(),
});
