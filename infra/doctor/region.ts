/** Whether a region is one of AWS's: of a name that is none every question goes unanswered, as if nobody were there. */
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { DeploymentConfig } from '../config.ts';
import { nearestOf } from '../nearest.ts';

/**
 * What is wrong with the name of a region, and what may be meant; undefined when nothing is.
 *
 * @param region from the settings, or else from the shell
 */
export function regionFault({ stage, region: set }: DeploymentConfig, region: string): string | undefined {
  // The list of the CDK, which grows with AWS.
  const names = RegionInfo.regions.map(({ name }) => name);
  if (names.includes(region)) return undefined;
  const where =
    set === undefined ? 'AWS_REGION, or the profile of this shell' : `${stage}.region in perennial.config.json`;
  return `${where} names ${region}, which is no region of AWS; did you mean ${nearestOf(names, region)}?`;
}
