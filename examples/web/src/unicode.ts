// What BERT's tokenizer takes every code point for. The browser's own Unicode is not asked: make_unicode_tables.py.
import tables from "./unicode_tables.json";

// The flags of a code point.
export const SPACE = 1; // separates words
export const ALONE = 2; // a word by itself: punctuation
export const DROPPED = 4; // control characters and the like
export const BLANK = 8; // becomes a space
export const MARK = 16; // stripped with the accents
export const IDEOGRAPH = 32; // a word by itself, if ideographs are split

const HANGUL = { first: 0xac00, last: 0xd7a3, lead: 0x1100, vowel: 0x1161, tail: 0x11a7, vowels: 21, tails: 28 };

export const FLAGS = readFlags(tables.flags);
const LOWERCASE = readLowercase();
const DECOMPOSED = readDecomposed(tables.decomposed);
const CLASSES = new Map(readPairs(tables.classes));

/** The lower case of a code point; undefined where it has none. */
export function lowercase(code: number): readonly number[] | undefined {
  return LOWERCASE.get(code);
}

/** The combining class, which marks behind a letter are put in order by. */
export function combiningClass(code: number): number {
  return code < 0x300 ? 0 : (CLASSES.get(code) ?? 0);
}

/** The canonical decomposition (NFD) of a code point; undefined where it stays as it is. */
export function decomposed(code: number): readonly number[] | undefined {
  if (code < HANGUL.first || code > HANGUL.last) return code < 0xc0 ? undefined : DECOMPOSED.get(code);
  const index = code - HANGUL.first;
  const syllable = Math.floor(index / HANGUL.tails);
  const parts = [HANGUL.lead + Math.floor(syllable / HANGUL.vowels), HANGUL.vowel + (syllable % HANGUL.vowels)];
  const tail = index % HANGUL.tails;
  return tail ? [...parts, HANGUL.tail + tail] : parts;
}

function readNumbers(text: string): number[] {
  return text.split(" ").map((number) => parseInt(number, 36));
}

/** (gap, value) again and again -> [code point, value]. */
function* readPairs(text: string): Generator<[number, number]> {
  const numbers = readNumbers(text);
  for (let i = 0, code = 0; i < numbers.length; i += 2) {
    code += numbers[i]!;
    yield [code, numbers[i + 1]!];
  }
}

function readFlags(text: string): Uint8Array {
  const flags = new Uint8Array(0x110000);
  const numbers = readNumbers(text);
  for (let i = 0, code = 0; i < numbers.length; i += 2) {
    flags.fill(numbers[i + 1]!, code, code + numbers[i]!);
    code += numbers[i]!;
  }
  return flags;
}

function readLowercase(): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  for (const [code, difference] of readPairs(tables.lowercase)) found.set(code, [code + difference]);
  for (const [code, text] of Object.entries(tables.lowercaseMany)) found.set(parseInt(code, 36), readNumbers(text));
  return found;
}

function readDecomposed(text: string): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  let code = 0;
  for (const row of text.split(";")) {
    const [gap, ...parts] = readNumbers(row);
    code += gap!;
    found.set(code, parts);
  }
  return found;
}
