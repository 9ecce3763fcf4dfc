/**
 * What must survive every deployment: customers, what marketers published, the bus shops emit to, the keys behind hashes and links, and the
 * identity mail is sent from. The logical ids of these resources are pinned by a test, because renaming one replaces it.
 */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ses from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import { OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { DUE_INDEX, PROFILES_INDEX, TABLE } from '../../shared/contracts/table.ts';
import { configurationSetOf, type DeploymentConfig, identityOf, mailFromOf, type SesEvent } from '../config.ts';

/**
 * 43 of 62 letters and digits carry the 256 bits that HMAC-SHA256 can use. A secret that is there already would get another
 * value with another length.
 */
const SECRET_CHARACTERS = 43;
/** Letters and digits in fours are base64 as they stand, in which libraries of Standard Webhooks expect a secret. */
const INTAKE_SECRET_CHARACTERS = 44;

/** As long as copies of events live anywhere; an erasure promises no less. */
const ARCHIVE_RETENTION = Duration.days(30);

const EMAIL_SENDING_EVENT: Readonly<Record<SesEvent, ses.EmailSendingEvent>> = {
  send: ses.EmailSendingEvent.SEND,
  delivery: ses.EmailSendingEvent.DELIVERY,
  deliveryDelay: ses.EmailSendingEvent.DELIVERY_DELAY,
  bounce: ses.EmailSendingEvent.BOUNCE,
  complaint: ses.EmailSendingEvent.COMPLAINT,
  reject: ses.EmailSendingEvent.REJECT,
  renderingFailure: ses.EmailSendingEvent.RENDERING_FAILURE,
  open: ses.EmailSendingEvent.OPEN,
  click: ses.EmailSendingEvent.CLICK,
};

export class DataStack extends Stack {
  readonly table: dynamodb.TableV2;
  /** What marketers publish: releases, and which of them is live. */
  readonly contentTable: dynamodb.TableV2;
  /** Ours, or one that was there before. */
  readonly bus: events.EventBus | events.IEventBus;
  /** The account's own bus, the only one SES reports to. */
  readonly defaultBus: events.IEventBusRef;
  /** Keys the hashes of mail addresses. */
  readonly addressSecretArn: string;
  /** Signs the links in mails. */
  readonly linkSecretArn: string;
  /** Verifies requests to the intake. */
  readonly intakeSecretArn: string;
  readonly configurationSetName: string;

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
        {
          indexName: PROFILES_INDEX.name,
          partitionKey: { name: PROFILES_INDEX.partitionKey, type: dynamodb.AttributeType.STRING },
          sortKey: { name: PROFILES_INDEX.sortKey, type: dynamodb.AttributeType.STRING },
          projectionType: dynamodb.ProjectionType.KEYS_ONLY,
        },
      ],
    });

    this.contentTable = new dynamodb.TableV2(this, 'Content', {
      tableName: `perennial-${config.stage}-content`,
      partitionKey: { name: TABLE.partitionKey, type: dynamodb.AttributeType.STRING },
      sortKey: { name: TABLE.sortKey, type: dynamodb.AttributeType.STRING },
      // A read per function and minute while mail goes out, some hundred writes when somebody publishes.
      billing: dynamodb.Billing.onDemand(),
      // Nothing personal: what everybody's mail says.
      encryption: dynamodb.TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy,
    });

    this.bus = config.existing.includes('bus')
      ? events.EventBus.fromEventBusName(this, 'Bus', config.busName)
      : this.#ownBus(config, removalPolicy);
    const archive = new events.Archive(this, 'Archive', {
      archiveName: `perennial-${config.stage}-events`,
      description: 'What the intake took in, to be replayed: known events change nothing, lost ones are recorded',
      sourceEventBus: this.bus,
      // As the rule of the intake: what the shop, readers and SES told us, and nothing of what we concluded.
      eventPattern: { source: events.Match.anythingBut(OWN_SOURCE) },
      retention: ARCHIVE_RETENTION,
    });
    archive.applyRemovalPolicy(removalPolicy);
    this.defaultBus = events.EventBus.fromEventBusName(this, 'DefaultBus', 'default');

    const secret = (
      secretId: string,
      name: string,
      description: string,
      whyNotRotated: string,
      characters = SECRET_CHARACTERS,
    ) => {
      const made = new secretsmanager.Secret(this, secretId, {
        secretName: `perennial-${config.stage}-${name}`,
        description,
        // The account's key for Secrets Manager lets every caller decrypt whom the secret itself admits: no KMS grant.
        generateSecretString: { passwordLength: characters, excludePunctuation: true },
        removalPolicy,
      });
      Validations.of(made).acknowledge({ id: 'AwsSolutions-SMG4', reason: whyNotRotated });
      return made.secretArn;
    };
    this.addressSecretArn = secret(
      'AddressSecret',
      'addresses',
      'Keys the hashes that stand for mail addresses; never rotated, or every suppression would be forgotten',
      'Another key would give every address another hash: bounces, complaints and unsubscribes would be forgotten.',
    );
    this.linkSecretArn = secret(
      'LinkSecret',
      'links',
      'Signs the links in mails; a new value signs at once while the one before it still opens links',
      'Mails are opened weeks later and only one earlier key stays valid: a person decides when the next one is due.',
    );

    this.intakeSecretArn = secret(
      'IntakeSecret',
      'intake',
      'Signs requests to the intake; a new value counts at once while the one before it still does',
      'The shop has to be told the next value before it can sign with it: whoever runs the shop decides when.',
      INTAKE_SECRET_CHARACTERS,
    );

    const configurationSet = config.existing.includes('configurationSet')
      ? ses.ConfigurationSet.fromConfigurationSetName(this, 'ConfigurationSet', configurationSetOf(config))
      : new ses.ConfigurationSet(this, 'ConfigurationSet', {
          configurationSetName: configurationSetOf(config),
          // Bounce and complaint rates of this mail alone, apart from whatever else the account sends.
          reputationMetrics: true,
          suppressionReasons: ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        });
    this.configurationSetName = configurationSet.configurationSetName;
    // Also on a set that was there before: without reports, addresses that bounced or complained would be mailed again.
    new ses.ConfigurationSetEventDestination(configurationSet, 'Reports', {
      configurationSet,
      ...(config.existing.includes('configurationSet') && {
        configurationSetEventDestinationName: `perennial-${config.stage}`,
      }),
      destination: ses.EventDestination.eventBus(this.defaultBus),
      events: config.sesEvents.map((event) => EMAIL_SENDING_EVENT[event]),
    });

    if (!config.existing.includes('identity')) this.#addIdentity(config, removalPolicy);
  }

  #ownBus({ busName }: DeploymentConfig, removalPolicy: RemovalPolicy): events.EventBus {
    const bus = new events.EventBus(this, 'Bus', {
      eventBusName: busName,
      description: 'Events of the shop about its customers, and what Perennial concludes from them',
    });
    bus.applyRemovalPolicy(removalPolicy);
    return bus;
  }

  #addIdentity(config: DeploymentConfig, removalPolicy: RemovalPolicy): void {
    const mailFromDomain = mailFromOf(config);
    const identity = new ses.EmailIdentity(this, 'Sender', {
      identity: ses.Identity.domain(identityOf(config)),
      ...(mailFromDomain !== undefined && {
        mailFromDomain,
        // A record that is missing or lost must not stop order confirmations, which may come from the same identity.
        mailFromBehaviorOnMxFailure: ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
      }),
    });
    identity.applyRemovalPolicy(removalPolicy);
    for (const [index, record] of identity.dkimRecords.entries()) {
      new CfnOutput(this, `DkimRecord${index + 1}`, {
        description: 'CNAME record the domain needs before SES sends from it',
        value: `${record.name} CNAME ${record.value}`,
      });
    }
  }
}
