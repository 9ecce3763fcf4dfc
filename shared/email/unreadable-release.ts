/** Why a release cannot be used: it is wrong, which stays so, or it cannot be reached, which passes. */

/** A file of the release is missing or not what the compiler writes: the deployment, or what was published, is wrong. */
export class UnreadableRelease extends Error {
  override readonly name = 'UnreadableRelease';
  constructor(file: string, options: ErrorOptions) {
    super(`${file} is not a readable part of a release; build it again`, options);
  }
}

/** A part of a published release could not be asked for; trying again may help. */
export class UnreachablePart extends Error {
  override readonly name = 'UnreachablePart';
  constructor(part: string, options: ErrorOptions) {
    super(`cannot read ${part} from where releases are kept`, options);
  }
}
