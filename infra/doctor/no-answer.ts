/** Why AWS did not answer, told apart by what somebody can do about it. */
import { type Finding, finding, type Silence } from './finding.ts';

const NO_NETWORK = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError)$/u;
const EXPIRED = /^(?:ExpiredToken|ExpiredTokenException|RequestExpired)$/u;
const UNKNOWN_KEY =
  /^(?:InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|AuthFailure)$/u;
const NONE = /^(?:CredentialsProviderError|TokenProviderError)$/u;

const WHO_AM_I = 'aws sts get-caller-identity';

/** What is in the way of asking an account at all. */
export function withoutAccount({ why, code = '' }: Silence): Finding {
  const tell = (about: string, what: string, fix: string, command = WHO_AM_I) =>
    finding('problem', about, `${what} (${why}); what follows is only what can be said without AWS`, fix, command);
  if (/region is missing/iu.test(why)) {
    return tell(
      'region',
      'nobody has named a region',
      'Name one with AWS_REGION or in the config',
      'export AWS_REGION=eu-north-1',
    );
  }
  if (NO_NETWORK.test(code)) {
    return tell('network', 'AWS does not answer', 'Look at the network, the proxy and the name server of this machine');
  }
  if (EXPIRED.test(code) || (NONE.test(code) && /expired/iu.test(why))) {
    return tell('credentials', 'the credentials have expired', 'Sign in again', 'aws sso login');
  }
  if (NONE.test(code)) {
    return tell('credentials', 'there are no credentials in this shell', 'Sign in, or name a profile with AWS_PROFILE');
  }
  if (UNKNOWN_KEY.test(code)) {
    return tell(
      'credentials',
      'AWS does not know these credentials',
      'Take others; a region that has to be opted into knows nobody before that',
    );
  }
  return tell('credentials', 'AWS did not say who this is', 'Try the command, and put right what it says');
}
