// The worker: holds the model, and does one thing after the other.
import { InputError } from "./input_error";
import { fetchKept } from "./kept";
import { Model } from "./model";
import type {
  Answered,
  GoldenFile,
  GoldenResult,
  Kind,
  ModelInfo,
  Request,
  Requests,
  Response,
  Source,
} from "./protocol";

const SHOWN_FAILURES = 5;
const SHOWN_CHARACTERS = 60;

let model: Model | undefined;
let queue: Promise<void> = Promise.resolve();

const HANDLERS: { [K in Kind]: (given: Requests[K]["given"]) => Promise<Requests[K]["answer"]> } = {
  open: async ({ source, threads }): Promise<ModelInfo> => {
    const started = performance.now();
    const data = await read(source);
    // The old one goes first: two models may be more than there is memory.
    await model?.close();
    model = undefined;
    model = await Model.open(data, source.name, threads);
    await model.run("");
    const { task, labels, maxLength, tokenizer, scheme } = model.facts;
    return {
      name: source.name,
      task,
      labels: labels.length,
      maxLength,
      vocabularySize: tokenizer.vocabularySize,
      lowercase: tokenizer.settings.lowercase,
      scheme,
      bytes: data.length,
      threads,
      loadMs: performance.now() - started,
    };
  },

  run: async ({ text, textB }): Promise<Answered> => {
    const { answer, encodings, tokenizeMs, modelMs } = await opened().run(text, textB);
    return {
      answer,
      tokens: encodings.flatMap((encoding, row) =>
        encoding.tokens.map((token, i) => ({
          text: token,
          second: row > 0 || encoding.segmentIds[i] === 1,
          special: encoding.offsets[i]![1] === 0,
          offset: encoding.offsets[i]!,
        })),
      ),
      length: encodings.reduce((sum, encoding) => sum + encoding.tokens.length, 0),
      truncated: encodings.some((encoding) => encoding.truncated),
      tokenizeMs,
      modelMs,
    };
  },

  /** The median of some runs, after one that is not counted. */
  time: async ({ length, runs }) => {
    const found: number[] = [];
    await opened().time(length);
    for (let run = 0; run < runs; run++) found.push(await opened().time(length));
    return found.sort((one, other) => one - other)[Math.floor(runs / 2)]!;
  },

  golden: async ({ file }): Promise<GoldenResult> => checkGolden(file),
};

function opened(): Model {
  if (!model) throw new InputError("no model is open. Choose an export directory or an .onnx file");
  return model;
}

function checkGolden(file: GoldenFile): GoldenResult {
  const { tokenizer } = opened().facts;
  const failures = file.vectors.filter((vector) => {
    const found = tokenizer.encode(vector.text, { maxLength: file.max_length });
    return !(same(found.tokenIds, vector.token_ids) && same(found.offsets.flat(), vector.offsets.flat()));
  });
  return {
    passed: file.vectors.length - failures.length,
    total: file.vectors.length,
    failures: failures.slice(0, SHOWN_FAILURES).map(({ text }) => text.slice(0, SHOWN_CHARACTERS)),
  };
}

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

async function read(source: Source): Promise<Uint8Array> {
  if ("file" in source) return new Uint8Array(await source.file.arrayBuffer());
  const response = await fetchKept(source.url);
  if (!response.ok) throw new InputError(`${source.name}: the server says ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function handle({ id, kind, given }: Request): Promise<void> {
  const response: Response = { id };
  try {
    const handler = HANDLERS[kind] as (given: unknown) => Promise<unknown>;
    response.answer = await handler(given);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    response.error = { message, expected: error instanceof InputError };
  }
  postMessage(response);
}

addEventListener("message", (event: MessageEvent<Request>) => {
  queue = queue.then(() => handle(event.data));
});
