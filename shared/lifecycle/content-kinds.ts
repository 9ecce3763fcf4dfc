/** What a shop can have to read about its articles. */
export const CONTENT_KINDS = [
  'guide',
  'specification',
  'comparison',
  'printable-comparison',
  'reviews',
  'case-study',
  'webinar',
  'white-paper',
] as const;
