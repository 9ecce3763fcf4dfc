/** Whether the longest tests play all they can (`WHOLE=1`) or a part of it, which the daily checks have the time for. */
export const IS_WHOLE = (process.env['WHOLE'] ?? '') !== '';
