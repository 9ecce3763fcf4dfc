/**
 * Looks through the content in a process of its own, as it takes many seconds in which the twin has functions to run: makes every
 * mail as its readers get it, and leaves the release where compiled releases are found. Tells its parent what is wrong.
 */
import process from 'node:process';
import { lintedRelease } from '../../../build.ts';

const [, , contentDirectory = ''] = process.argv;

process.send?.(await lintedRelease(contentDirectory));
process.disconnect();
