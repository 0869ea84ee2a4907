import { checkOutboundUrl, invalidInput, type OutboundUrlProblem } from '@isthmus/service-kit';
import { canonicalApiUrl } from '../domain/canonical-api-url.ts';

const messages: Record<OutboundUrlProblem, string> = {
  'not-a-url': 'apiUrl must be a URL such as https://api.cloud.im/marketplace/na',
  'not-https': 'apiUrl must begin with https://',
  'credentials-in-url': 'apiUrl must not have a user name or password in it; they have fields of their own',
  'private-address': 'apiUrl must lead to a public address',
  fragment: 'apiUrl must not have a part after #',
};

/**
 * The address in its canonical form.
 * @throws Problem 400 when secrets must not be sent there
 */
export function acceptedApiUrl(text: string, allowPrivate: boolean): string {
  const problems = checkOutboundUrl(text, { allowPrivate });
  if (problems.length > 0) {
    throw invalidInput(problems.map((problem) => ({ field: 'apiUrl', message: messages[problem] })));
  }
  if (new URL(text).search) {
    throw invalidInput([{ field: 'apiUrl', message: 'apiUrl must not have a part after ?' }]);
  }
  return canonicalApiUrl(text);
}
