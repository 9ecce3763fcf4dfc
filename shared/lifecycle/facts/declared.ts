/** What the customer declared about themselves: each field the latest statement that named it, by (time, id). */
import { latest, type Stamp } from './order-by-time.ts';

export const STYLES = ['efficient', 'traditional', 'both', 'none'] as const;

export interface Declared {
  readonly style?: Stamp & { readonly value: (typeof STYLES)[number] };
  readonly previousSupplier?: Stamp & { readonly value: string };
}

/** Takes a statement in; the same object when it says nothing new. */
export function declare(declared: Declared | undefined, said: Declared): Declared {
  const style = said.style ? latest(declared?.style, said.style) : declared?.style;
  const previousSupplier = said.previousSupplier
    ? latest(declared?.previousSupplier, said.previousSupplier)
    : declared?.previousSupplier;
  const isKnown = style === declared?.style && previousSupplier === declared?.previousSupplier;
  if (declared !== undefined && isKnown) return declared;
  return {
    ...(style && { style }),
    ...(previousSupplier && { previousSupplier }),
  };
}
