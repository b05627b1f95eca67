// Text to token ids: BERT's WordPiece, equal to Python's kbert.BertTokenizer in ids and offsets for every text.
import { InputError } from "./input_error";
import { type NormalizerSettings, type Span, normalize, splitWords } from "./normalize";

export const SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;
const LONGEST_WORD = 100; // WordPiece takes a longer one for unknown
const SPECIAL_PATTERN = /\[(?:PAD|UNK|CLS|SEP|MASK)\]/g;
const SURROGATE = { first: 0xd800, last: 0xdfff };

/**
 * One text, or one pair, as the model sees it. All lists have the same length.
 *
 * `offsets` are [start, end] in code points of the text that the token came from; special tokens have [0, 0].
 */
export interface Encoding {
  tokenIds: number[];
  segmentIds: number[];
  paddingMask: number[];
  offsets: Span[];
  tokens: string[];
  truncated: boolean;
}

export interface EncodeOptions {
  /** The second of a pair: its tokens have segment id 1. */
  textB?: string | undefined;
  /** Cut to so many tokens, special ones included; of a pair the longer text loses first. */
  maxLength?: number | undefined;
  /** Fill up to `maxLength` with [PAD]. */
  pad?: boolean | undefined;
}

interface Pieces {
  ids: number[];
  offsets: Span[];
}

/** BERT's tokenizer (arXiv:1810.04805). Throws an InputError for a vocabulary or a text that cannot be used. */
export class BertTokenizer {
  readonly vocabulary: readonly string[];
  readonly settings: NormalizerSettings;
  readonly #ids = new Map<string, number>();
  readonly #inside = new Map<string, number>(); // pieces further on in a word, without their ##
  readonly #special: { pad: number; unk: number; cls: number; sep: number };
  readonly #longestPiece: number;

  constructor(vocabulary: readonly string[], settings: Partial<NormalizerSettings> = {}) {
    this.vocabulary = vocabulary;
    this.settings = { lowercase: true, stripAccents: null, splitChinese: true, ...settings };
    let longest = 1;
    vocabulary.forEach((token, id) => {
      const first = this.#ids.get(token);
      if (first !== undefined) {
        throw new InputError(
          `the vocabulary: expected every token once, "${token}" is line ${first + 1} and line ${id + 1}`,
        );
      }
      this.#ids.set(token, id);
      if (token.startsWith("##")) this.#inside.set(token.slice(2), id);
      longest = Math.max(longest, token.length);
    });
    const missing = SPECIAL_TOKENS.find((token) => !this.#ids.has(token));
    if (missing) {
      throw new InputError(
        `the vocabulary: expected the special tokens ${SPECIAL_TOKENS.join(" ")}, ${missing} is missing`,
      );
    }
    const id = (token: string) => this.#ids.get(token)!;
    this.#special = { pad: id("[PAD]"), unk: id("[UNK]"), cls: id("[CLS]"), sep: id("[SEP]") };
    this.#longestPiece = longest;
  }

  get vocabularySize(): number {
    return this.vocabulary.length;
  }

  /** Encodes one text, or a pair, with [CLS] and [SEP]. */
  encode(text: string, { textB, maxLength, pad = false }: EncodeOptions = {}): Encoding {
    const special = textB === undefined ? 2 : 3;
    if (maxLength !== undefined && maxLength < special + 1) {
      throw new InputError(
        `maxLength must be at least ${special + 1} to hold the special tokens. Received: ${maxLength}`,
      );
    }
    if (pad && maxLength === undefined) throw new InputError("pad needs maxLength, the length to pad to");
    const parts = [this.#pieces(text)];
    if (textB !== undefined) parts.push(this.#pieces(textB));
    const sizes: [number, number] = [parts[0]!.ids.length, parts[1]?.ids.length ?? 0];
    const kept = maxLength === undefined ? sizes : longestFirst(...sizes, maxLength - special);
    const { cls, sep } = this.#special;
    const found: Encoding = {
      tokenIds: [cls],
      segmentIds: [0],
      paddingMask: [1],
      offsets: [[0, 0]],
      tokens: [],
      truncated: kept[0] !== sizes[0] || kept[1] !== sizes[1],
    };
    const add = (id: number, segment: number, offset: Span, real = 1) => {
      found.tokenIds.push(id);
      found.segmentIds.push(segment);
      found.paddingMask.push(real);
      found.offsets.push(offset);
    };
    parts.forEach((part, segment) => {
      for (let i = 0; i < kept[segment]!; i++) add(part.ids[i]!, segment, part.offsets[i]!);
      add(sep, segment, [0, 0]);
    });
    while (pad && found.tokenIds.length < maxLength!) add(this.#special.pad, 0, [0, 0], 0);
    found.tokens = found.tokenIds.map((id) => this.vocabulary[id]!);
    return found;
  }

  /** The tokens of a text without [CLS] and [SEP]. */
  #pieces(text: string): Pieces {
    const found: Pieces = { ids: [], offsets: [] };
    const codes = codePoints(text);
    let done = 0; // code points
    let doneUnits = 0; // UTF-16
    // Special tokens written inside a text are taken as such, before any normalization.
    for (const match of text.matchAll(SPECIAL_PATTERN)) {
      const start = done + countCodePoints(text, doneUnits, match.index);
      const end = start + match[0].length;
      this.#words(codes, done, start, found);
      found.ids.push(this.#ids.get(match[0])!);
      found.offsets.push([start, end]);
      done = end;
      doneUnits = match.index + match[0].length;
    }
    this.#words(codes, done, codes.length, found);
    return found;
  }

  #words(text: readonly number[], start: number, end: number, to: Pieces): void {
    const { codes, starts, ends } = normalize(text, start, end, this.settings);
    for (const [first, last] of splitWords(codes)) {
      const before = to.ids.length;
      if (!this.#wordPieces(codes, first, last, starts, ends, to)) {
        to.ids.length = to.offsets.length = before;
        to.ids.push(this.#special.unk);
        to.offsets.push([starts[first]!, ends[last - 1]!]);
      }
    }
  }

  /** Cuts a word into the longest pieces that the vocabulary has, from its start; false where that ends nowhere. */
  #wordPieces(
    codes: readonly number[],
    first: number,
    last: number,
    starts: readonly number[],
    ends: readonly number[],
    to: Pieces,
  ): boolean {
    if (last - first > LONGEST_WORD) return false;
    for (let start = first; start < last;) {
      const pieces = start === first ? this.#ids : this.#inside;
      let end = Math.min(last, start + this.#longestPiece);
      let id: number | undefined;
      while (end > start) {
        id = pieces.get(String.fromCodePoint(...codes.slice(start, end)));
        if (id !== undefined) break;
        end -= 1;
      }
      if (id === undefined) return false;
      to.ids.push(id);
      to.offsets.push([starts[start]!, ends[end - 1]!]);
      start = end;
    }
    return true;
  }
}

/** The lines of a `vocab.txt`. Only a line feed ends a line: some vocabularies hold other separators as tokens. */
export function readVocabulary(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function codePoints(text: string): number[] {
  const found: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= SURROGATE.first && code <= SURROGATE.last) {
      throw new InputError(
        `the text must be valid Unicode, half a character (U+${code.toString(16).toUpperCase()}) stands at ` +
          `position ${found.length + 1}. Delete it and type it anew`,
      );
    }
    found.push(code);
  }
  return found;
}

function countCodePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** How many tokens of each text stay so that both fit: the longer text loses first, then both alike. */
function longestFirst(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second);
  // Only the longer one is cut.
  if (shorter + shorter < room) return first <= second ? [first, room - first] : [room - second, second];
  const half = Math.floor(room / 2);
  return first <= second ? [half, room - half] : [room - half, half];
}
