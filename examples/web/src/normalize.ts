// A text as BERT reads it: cleaned, ideographs apart, accents stripped, lower case; and the words of it.
//
// This is the BertNormalizer and BertPreTokenizer of the `tokenizers` library step by step, because each step moves
// offsets too: every code point keeps from where to where in the text it came from.
import * as unicode from "./unicode";

export interface NormalizerSettings {
  lowercase: boolean;
  /** Remove accents; null is for: if lower-cased. */
  stripAccents: boolean | null;
  /** Put spaces around CJK ideographs. */
  splitChinese: boolean;
}

/** Code points, and where in the original text each of them comes from; three arrays of one length. */
export interface Codes {
  codes: number[];
  starts: number[];
  ends: number[];
}

/** A word is a range of normalized code points. */
export type Span = [start: number, end: number];

const NO_BREAK = 0;
const BLANK = 0x20;

/** Normalizes the code points from `start` to `end` of a text. */
export function normalize(text: readonly number[], start: number, end: number, settings: NormalizerSettings): Codes {
  let found = clean(text, start, end, settings.splitChinese);
  if (settings.stripAccents ?? settings.lowercase) found = stripMarks(decompose(found));
  return settings.lowercase ? fold(found) : found;
}

/** The words of normalized code points: runs between white space, and each punctuation mark by itself. */
export function splitWords(codes: readonly number[]): Span[] {
  const words: Span[] = [];
  let start = 0;
  for (let i = 0; i <= codes.length; i++) {
    const flags = i < codes.length ? unicode.FLAGS[codes[i]!]! & (unicode.SPACE | unicode.ALONE) : unicode.SPACE;
    if (flags === NO_BREAK) continue;
    if (start < i) words.push([start, i]);
    if (flags & unicode.ALONE) words.push([i, i + 1]);
    start = i + 1;
  }
  return words;
}

function empty(): Codes {
  return { codes: [], starts: [], ends: [] };
}

function push(to: Codes, code: number, start: number, end: number): void {
  to.codes.push(code);
  to.starts.push(start);
  to.ends.push(end);
}

function clean(text: readonly number[], start: number, end: number, splitChinese: boolean): Codes {
  const found = empty();
  for (let i = start; i < end; i++) {
    const flags = unicode.FLAGS[text[i]!]!;
    if (flags & unicode.DROPPED) continue;
    const apart = splitChinese && (flags & unicode.IDEOGRAPH) !== 0;
    if (apart) push(found, BLANK, i, i + 1);
    push(found, flags & unicode.BLANK ? BLANK : text[i]!, i, i + 1);
    if (apart) push(found, BLANK, i, i + 1);
  }
  return found;
}

/** NFD. Marks that change places take the offsets of the places, not their own, as in the library. */
function decompose(given: Codes): Codes {
  const codes: number[] = [];
  const added: boolean[] = []; // whether a code point is one of several that a single one became, but the first
  let pending = 0; // from here on, marks wait to be put in order
  const sortPending = () => {
    if (codes.length - pending < 2) return;
    const order = codes
      .slice(pending)
      .map((code, i) => ({ code, added: added[pending + i]!, class: unicode.combiningClass(code) }));
    order.sort((one, other) => one.class - other.class); // stable
    order.forEach((entry, i) => {
      codes[pending + i] = entry.code;
      added[pending + i] = entry.added;
    });
  };
  const take = (code: number, isAdded: boolean) => {
    const starter = unicode.combiningClass(code) === 0;
    if (starter) sortPending();
    codes.push(code);
    added.push(isAdded);
    if (starter) pending = codes.length;
  };
  for (const code of given.codes) {
    const parts = unicode.decomposed(code);
    if (parts) parts.forEach((part, i) => take(part, i > 0));
    else take(code, false);
  }
  sortPending();
  return realign(given, codes, added);
}

function fold(given: Codes): Codes {
  const codes: number[] = [];
  const added: boolean[] = [];
  for (const code of given.codes) {
    const lower = unicode.lowercase(code);
    if (lower) codes.push(...lower);
    else codes.push(code);
    added.push(false);
    while (added.length < codes.length) added.push(true);
  }
  return realign(given, codes, added);
}

/** Gives new code points the offsets of the old ones in turn; one that was added has those of the one before it. */
function realign(given: Codes, codes: number[], added: readonly boolean[]): Codes {
  const starts: number[] = [];
  const ends: number[] = [];
  let next = 0;
  for (const isAdded of added) {
    if (!isAdded) next += 1;
    const from = next - 1;
    starts.push(given.starts[from] ?? 0);
    ends.push(given.ends[from] ?? 0);
  }
  return { codes, starts, ends };
}

function stripMarks(given: Codes): Codes {
  const found = empty();
  given.codes.forEach((code, i) => {
    if (!(unicode.FLAGS[code]! & unicode.MARK)) push(found, code, given.starts[i]!, given.ends[i]!);
  });
  return found;
}
