// Encodes what stands on stdin with the page's tokenizer: node run_tokenizer.mjs PAGE/tokenizer.js
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const { BertTokenizer, readVocabulary } = await import(pathToFileURL(process.argv[2]).href);
const { vocabularyFile, settings, rows } = JSON.parse(fs.readFileSync(0, "utf8"));
const tokenizer = new BertTokenizer(readVocabulary(fs.readFileSync(vocabularyFile, "utf8")), settings);
const encode = ({ text, textB, maxLength, pad }) => tokenizer.encode(text, { textB, maxLength, pad });
process.stdout.write(JSON.stringify(rows.map(encode)));
