import { identityContract, type IdentityTraits } from '../../contracts/identity-provider.contract.ts';
import { makePool, SENT_CODE, standIn } from '../../emulators/cognito.ts';

/** What Cognito itself does, wherever the test runs against it. */
const COGNITO: IdentityTraits = {
  usableAtOnce: false,
  // Addresses go to Cognito in lower case: see CognitoIdentityProvider.
  keepsCase: false,
  tokensNameAddress: false,
  shortTokens: true,
  settlesRaces: true,
  refusesWeakPasswords: true,
  knowsWrongPasswords: true,
  namesSessions: true,
  revokesOneSession: true,
  revokesTwice: true,
  refusesTokensOfErased: true,
  revokesWithoutRefreshToken: true,
  endsAllSessions: true,
  // Cognito ends a session by its refresh token, or all of them.
  endsSessionById: false,
  guardsChangedAddress: true,
  // As the pools here are made; see CognitoIdentityProvider.
  changesAddressAtOnce: true,
  // It is sent to a mailbox.
  sentCode: null,
  resends: true,
};

/** What the emulator lacks; `cognito-errors.test.ts` has these with the errors that AWS answers. */
const COGNITO_LOCAL: IdentityTraits = {
  ...COGNITO,
  // It looks for the address and stores the account in two steps.
  settlesRaces: false,
  // It has no password policy.
  refusesWeakPasswords: false,
  // It says InvalidPasswordException, which AWS says of a password that is too weak.
  knowsWrongPasswords: false,
  // Its tokens have no origin_jti.
  namesSessions: false,
  // It says NotAuthorizedException of a token that was revoked; AWS has no objection.
  revokesTwice: false,
  // It has no GlobalSignOut.
  revokesWithoutRefreshToken: false,
  endsAllSessions: false,
  // It lets two accounts have one address after a change.
  guardsChangedAddress: false,
  sentCode: SENT_CODE,
  // It has no ResendConfirmationCode.
  resends: false,
};

const MOTO: IdentityTraits = {
  ...COGNITO,
  // Its tokens live an hour, whatever the client says.
  shortTokens: false,
  // It has no RevokeToken.
  revokesOneSession: false,
  // It fails on the refresh token of a user who is gone.
  refusesTokensOfErased: false,
};

const TRAITS = { 'cognito-local': COGNITO_LOCAL, moto: MOTO, aws: COGNITO } as const;

identityContract(
  'Cognito',
  async () => {
    const { identities, tokens, activate, close } = await makePool();
    return {
      identities,
      challenges: identities,
      confirmation: identities,
      recovery: identities,
      sessions: identities,
      tokens,
      activate,
      settled: () => Promise.resolve(),
      close,
    };
  },
  TRAITS[await standIn()],
);
