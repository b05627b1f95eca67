// The page's tokenizer in Node: FOLDER/tokenizer.mjs and FOLDER/normalize.mjs, asked by what stands on stdin.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}.mjs`).href);
const { BertTokenizer, readVocabulary } = await load("tokenizer");
const { normalize } = await load("normalize");

const ASKED = {
  /** Rows of text, textB, maxLength and pad to their tokens. */
  encode({ vocabulary, settings, rows }) {
    const tokenizer = new BertTokenizer(readVocabulary(fs.readFileSync(vocabulary, "utf8")), settings);
    return rows.map(({ text, textB, maxLength, pad }) => tokenizer.encode(text, { textB, maxLength, pad }));
  },
  normalize({ texts, settings }) {
    return texts.map((text) => {
      const codes = Array.from(text, (character) => character.codePointAt(0));
      return normalize(codes, 0, codes.length, settings)
        .codes.map((code) => String.fromCodePoint(code))
        .join("");
    });
  },
  /** What a vocabulary or a text is refused with. */
  refuse({ tokens, text }) {
    try {
      new BertTokenizer(tokens).encode(text);
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
    return "";
  },
};

const { kind, ...given } = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(ASKED[kind](given)));
