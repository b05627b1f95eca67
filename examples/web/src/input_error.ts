/** What the user gave cannot be used: one line says what was expected, what came, and what to do. */
export class InputError extends Error {
  override name = "InputError";
}
