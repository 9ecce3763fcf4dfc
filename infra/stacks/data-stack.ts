/**
 * What must survive every deployment: customers, the bus shops emit to, and the identity mail is sent from. The logical
 * ids of these resources are pinned by a test, because renaming one replaces it.
 */
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as ses from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import { DUE_INDEX, TABLE } from '../../shared/contracts/table.ts';
import type { DeploymentConfig } from '../config.ts';

export class DataStack extends Stack {
  readonly table: dynamodb.TableV2;
  readonly bus: events.EventBus;
  readonly configurationSetName: string;
  /** The verified domain of the sender's address. */
  readonly senderDomain: string;

  constructor(scope: Construct, id: string, props: StackProps & { readonly config: DeploymentConfig }) {
    const { config, ...stackProps } = props;
    const retain = config.removal === 'retain';
    super(scope, id, {
      ...stackProps,
      description: `Perennial ${config.stage}: customers, event bus and sender identity`,
      terminationProtection: retain,
    });
    const removalPolicy = retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

    this.table = new dynamodb.TableV2(this, 'Customers', {
      tableName: `perennial-${config.stage}-customers`,
      partitionKey: { name: TABLE.partitionKey, type: dynamodb.AttributeType.STRING },
      sortKey: { name: TABLE.sortKey, type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: TABLE.expiresAt,
      // The load follows the shop's day, and idle has to cost nothing.
      billing: dynamodb.Billing.onDemand(),
      // Personal data: the account's key for DynamoDB shows each use in CloudTrail, needs no grants and has no monthly
      // price; DynamoDB asks for it once in five minutes per caller.
      encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy,
      globalSecondaryIndexes: [
        {
          indexName: DUE_INDEX.name,
          partitionKey: { name: DUE_INDEX.partitionKey, type: dynamodb.AttributeType.NUMBER },
          sortKey: { name: DUE_INDEX.sortKey, type: dynamodb.AttributeType.NUMBER },
          // The sweep only needs ids; anything more would be written again with each change of a profile.
          projectionType: dynamodb.ProjectionType.KEYS_ONLY,
        },
      ],
    });

    const bus = new events.EventBus(this, 'Bus', {
      eventBusName: config.busName,
      description: 'Events of the shop about its customers, and what Perennial concludes from them',
    });
    bus.applyRemovalPolicy(removalPolicy);
    this.bus = bus;

    const configurationSet = new ses.ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: `perennial-${config.stage}`,
      // Bounce and complaint rates of this mail alone, apart from whatever else the account sends.
      reputationMetrics: true,
      suppressionReasons: ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    this.configurationSetName = configurationSet.configurationSetName;

    this.senderDomain = config.sender.address.slice(config.sender.address.lastIndexOf('@') + 1).toLowerCase();
    const identity = new ses.EmailIdentity(this, 'Sender', { identity: ses.Identity.domain(this.senderDomain) });
    identity.applyRemovalPolicy(removalPolicy);
    for (const [index, record] of identity.dkimRecords.entries()) {
      new CfnOutput(this, `DkimRecord${index + 1}`, {
        description: 'CNAME record the domain needs before SES sends from it',
        value: `${record.name} CNAME ${record.value}`,
      });
    }
  }
}
