/** Ids a shop may use that have to survive keys, conditions and the way back. */
export const AWKWARD_IDS = [
  'c#1/2%33',
  '#',
  '/',
  'CUSTOMER#c-1',
  'PROFILE',
  'кот-😀-漢字',
  // 128 bytes in 65 and in 128 characters.
  `${'é'.repeat(63)}ab`,
  'a'.repeat(128),
  '__proto__',
  `it's; "quoted" \\ and 'more'`,
];
