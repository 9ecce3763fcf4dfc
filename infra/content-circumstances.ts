/** What the rules have to know of a content directory beside its playbook, without compiling any of it. */
import { circumstancesOf } from '../functions/send/settings.ts';
import { librarySchema, linksFor } from '../shared/email/library.ts';
import { benefitsSchema, improvementsSchema } from '../shared/email/shop.ts';
import { readJson } from '../shared/email/strings.ts';
import type { Circumstances, Holdout } from '../shared/lifecycle/customer/permit.ts';

/** @throws ContentError */
export async function circumstancesIn(directory: string, holdout: Holdout): Promise<Circumstances> {
  const library = await readJson(directory, 'library.json', librarySchema);
  return circumstancesOf(holdout, {
    library,
    improvements: await readJson(directory, 'improvements.json', improvementsSchema),
    benefits: await readJson(directory, 'benefits.json', benefitsSchema),
    contentFor: linksFor.bind(undefined, library),
  });
}
