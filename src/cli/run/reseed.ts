import type { Purpose } from '../../model/step.ts';
import type { GuestId } from '../../model/target.ts';
import type { Context } from '../context.ts';

/** What marks the call of Phoenix that reseeds, so that the documents tell it from another; undefined without `--reseed`. */
export function reseedOf({ options, io }: Context): string | undefined {
  return options.has('reseed') ? new Date(io.now()).toISOString() : undefined;
}

/** What the steps are told of it: only the guests that were named are reseeded, not what they need. */
export function reseedOptions(reseed: string, guests: readonly GuestId[]): Purpose['options'] {
  return { reseed, reseedGuests: guests.join(',') };
}
