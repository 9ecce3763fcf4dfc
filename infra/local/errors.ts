/** The ways in which the twin says no: to a port, to a template, to a request. */

/** The port belongs to another process; `message` is one clear line for the command line. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  readonly port: number;
  constructor(port: number, cause: unknown) {
    super(`port ${port} on 127.0.0.1 is in use; --port and --web-port choose others, 0 any free one`, { cause });
    this.port = port;
  }
}

/** The assembly holds something that the twin cannot run, or that AWS would refuse to deploy. */
export class DeploymentRefused extends Error {
  override readonly name = 'DeploymentRefused';
}

/** A request that AWS would answer with an error; each protocol renders it in its own way. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  /** Error code as the service's clients know it, without a namespace. */
  readonly code: string;
  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = code;
  }
}

/** A request that gets no answer: its connection is reset, or it hangs until the client gives up. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly how: 'reset' | 'hang';
  constructor(how: 'reset' | 'hang') {
    super(`told to ${how}`);
    this.how = how;
  }
}
