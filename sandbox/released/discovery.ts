/** A realm's discovery document, as the release makes it by hand: none of its endpoints is served. */
export function realmDiscovery(base: string): Record<string, unknown> {
  const endpoint = (name: string): string => `${base}/protocol/openid-connect/${name}`;
  return {
    issuer: base,
    authorization_endpoint: endpoint('auth'),
    token_endpoint: endpoint('token'),
    userinfo_endpoint: endpoint('userinfo'),
    jwks_uri: endpoint('certs'),
    revocation_endpoint: endpoint('revoke'),
    introspection_endpoint: endpoint('introspect'),
    end_session_endpoint: endpoint('logout'),
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  };
}

/** The metadata of Spring Authorization Server 1.3, which are right, but list ways of authentication that no client has. */
export function serverMetadata(issuer: string): Record<string, unknown> {
  const methods = [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
  ];
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth2/authorize`,
    device_authorization_endpoint: `${issuer}/oauth2/device_authorization`,
    token_endpoint: `${issuer}/oauth2/token`,
    token_endpoint_auth_methods_supported: methods,
    jwks_uri: `${issuer}/oauth2/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/connect/logout`,
    response_types_supported: ['code'],
    grant_types_supported: [
      'authorization_code',
      'client_credentials',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ],
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    introspection_endpoint: `${issuer}/oauth2/introspect`,
    introspection_endpoint_auth_methods_supported: methods,
    code_challenge_methods_supported: ['S256'],
    tls_client_certificate_bound_access_tokens: true,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
  };
}
