/** The part of mjml that the compiler uses; the package ships no types of its own. */
declare module 'mjml' {
  interface MjmlProblem {
    readonly line: number;
    readonly message: string;
    readonly tagName: string;
  }
  interface MjmlOptions {
    readonly validationLevel: 'strict' | 'soft' | 'skip';
    readonly keepComments: boolean;
    /** Web fonts to load by name; empty so that no mail fetches anything. */
    readonly fonts: Readonly<Record<string, string>>;
  }
  export default function mjml2html(
    source: string,
    options: MjmlOptions,
  ): Promise<{ readonly html: string; readonly errors: readonly MjmlProblem[] }>;
}
