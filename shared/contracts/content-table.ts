/** Layout of the content table: releases, and which of them is live. Its keys are named like those of the customers table. */

/** Partition of the one item that says which release is live, and which move made it so. */
export const POINTER_PARTITION = 'POINTER';
/** Partition of the moves before that, by their number. */
export const HISTORY_PARTITION = 'HISTORY';
/** Partition of the parts of one release: `RELEASE#<id>`. */
export const RELEASE_PARTITION = 'RELEASE#';
/** Partition of the one item that says which release the functions were deployed with last. */
export const DEPLOYED_PARTITION = 'DEPLOYED';

/**
 * What the parts of a release look like. Raise it when code from before could not read them, or would take them for
 * something else: a new kind of trigger in the playbook, another shape of a compiled template. Functions that do not
 * know the format keep what they have.
 */
export const RELEASE_FORMAT = 1;
