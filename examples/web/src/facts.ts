// What an exported file knows of itself: the task, the labels, the tokenizer and the longest text, as
// kbert/export/facts.py writes it.
import { InputError } from "./input_error";
import { type OnnxFile, readOnnxFile } from "./onnx_file";
import { BertTokenizer, readVocabulary } from "./tokenizer";

const PREFIX = "kbert:";
/** The output of each task that the page shows, and how wide it is. */
const OUTPUTS: Record<string, (facts: Facts) => Record<string, number>> = {
  "text-classification": ({ labels }) => ({ logits: labels.length }),
  "multi-label": ({ labels }) => ({ logits: labels.length }),
  regression: () => ({ logits: 1 }),
  "token-classification": ({ labels }) => ({ logits: labels.length }),
  "intent-slots": ({ labels, intents }) => ({ intent_logits: intents.length, slot_logits: labels.length }),
  embedding: () => ({ sentence_embedding: 0 }),
};

export interface Facts {
  task: string;
  labels: string[];
  intents: string[];
  tokenizer: BertTokenizer;
  maxLength: number;
  scheme: string;
  /** Of many labels: from which probability on one is given. */
  threshold: number;
  /** Of scores: the least and the greatest that was learned from. */
  range: [low: number, high: number];
  outputs: string[];
}

/**
 * Reads and checks a file; `name` is for errors.
 *
 * Throws an InputError if it is damaged, not kbert's, for a task that the page cannot show, or if its vocabulary or
 * labels do not belong to its weights.
 */
export function readFacts(data: Uint8Array, name: string): Facts {
  const file = readOnnxFile(data, name);
  const part = (key: string) => {
    const found = file.properties.get(PREFIX + key);
    if (found === undefined) {
      throw new InputError(
        `${name}: expected ${key} inside, found none: not a file that kbert exported. Make one: kbert export --onnx`,
      );
    }
    return found;
  };
  const settings = readSettings(part("kbert.json"), name);
  const task = settings.task;
  const outputs = OUTPUTS[task];
  if (!outputs) {
    throw new InputError(
      `${name}: this page shows ${Object.keys(OUTPUTS).join(", ")}, the file is for ${task}. ` +
        "Ask it with kbert predict",
    );
  }
  const more = settings.task_settings ?? {};
  const facts: Facts = {
    task,
    labels: task === "embedding" ? [] : readVocabulary(part("labels.txt")),
    intents: more.intents ?? [],
    tokenizer: new BertTokenizer(readVocabulary(part("vocab.txt")), {
      lowercase: settings.lowercase,
      stripAccents: settings.strip_accents,
      splitChinese: settings.split_chinese,
    }),
    maxLength: settings.max_length,
    scheme: settings.scheme,
    threshold: more.threshold ?? 0.5,
    range: [more.low ?? 0, more.high ?? 1],
    outputs: [],
  };
  const widths = outputs(facts);
  checkFit(facts, file, widths, name);
  return { ...facts, outputs: Object.keys(widths) };
}

interface Settings {
  task: string;
  lowercase: boolean;
  strip_accents: boolean | null;
  split_chinese: boolean;
  max_length: number;
  scheme: string;
  task_settings?: { threshold?: number; low?: number; high?: number; intents?: string[] };
}

function readSettings(text: string, name: string): Settings {
  try {
    const found = JSON.parse(text) as Settings;
    if (typeof found.task === "string" && Number.isInteger(found.max_length)) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new InputError(`${name}: expected the settings that kbert writes in kbert.json, could not read them`);
}

function checkFit(facts: Facts, file: OnnxFile, widths: Record<string, number>, name: string): void {
  const size = facts.tokenizer.vocabularySize;
  if (file.tableRows !== undefined && file.tableRows !== size) {
    throw new InputError(
      `${name}: expected a vocabulary of ${file.tableRows} tokens, as the embedding table has rows, got ${size}: ` +
        "it belongs to another model",
    );
  }
  for (const [output, width] of Object.entries(widths)) {
    const there = file.outputs.get(output);
    if (there === undefined) {
      throw new InputError(
        `${name}: expected the output ${output}, the file has ${[...file.outputs.keys()].join(", ")}`,
      );
    }
    if (there && width && there !== width) {
      throw new InputError(
        `${name}: expected ${there} labels, as the model has outputs, got ${width}: they belong to another model`,
      );
    }
  }
}
