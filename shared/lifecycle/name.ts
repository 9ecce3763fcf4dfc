/** The names marketers give to programmes, steps, questions and answers; they are parts of keys, links and file names. */
export const NAME = /^[a-z][a-z0-9-]{0,23}$/u;
export const NAME_EXPECTED = 'expected a name of at most 24 small letters, digits and hyphens';
