/** Files that hold what is known of people: nobody else on this machine reads them, also where they were there before. */
import { open } from 'node:fs/promises';

const OWNER_ONLY = 0o600;

/** Resolves when the text is on the disk. */
export async function appendForOwner(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', OWNER_ONLY);
  try {
    // The mode above is that of a new file only.
    await handle.chmod(OWNER_ONLY);
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
