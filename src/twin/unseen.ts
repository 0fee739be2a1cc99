/** Where a guest keeps what Phoenix applied in it. */
export const RECORD_PATH = '/var/lib/phoenix/record.json';

/** Stands among a guest's facts where nobody saw its inside: it was stopped when the node was observed. */
export const UNSEEN = 'twin:unseen';

/** Stands among a guest's facts where it ran and its record could not be read. */
export const UNREADABLE_RECORD = 'twin:unreadable-record';
