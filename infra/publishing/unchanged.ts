/** Work that reads the content several times and is worth something only if all of that was the same content. */
import { hashOf } from '../cache.ts';

/** Somebody saved a file while the content was read. */
export class ContentChanged extends Error {
  override readonly name = 'ContentChanged';
  constructor(contentDirectory: string, options?: ErrorOptions) {
    super(`the content in ${contentDirectory} changed meanwhile; publish again`, options);
  }
}

/** @throws ContentChanged, also instead of what the work has met in content that is half one and half the other */
export async function whileUnchanged<T>(contentDirectory: string, work: () => Promise<T>): Promise<T> {
  const before = await hashOf([contentDirectory]);
  const expectSame = async (options?: ErrorOptions) => {
    if ((await hashOf([contentDirectory])) !== before) throw new ContentChanged(contentDirectory, options);
  };
  let done: T;
  try {
    done = await work();
  } catch (cause) {
    await expectSame({ cause });
    throw cause;
  }
  await expectSame();
  return done;
}
