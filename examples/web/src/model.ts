// A model in onnxruntime-web: text in, answer out.
import * as ort from "onnxruntime-web/wasm";
import { type Answer, type Outputs, answerOf } from "./answers";
import { type Facts, readFacts } from "./facts";
import { InputError } from "./input_error";
import type { Encoding } from "./tokenizer";

/** What goes into a model by ONNX's names, out of an `Encoding`. */
const INPUTS = { input_ids: "tokenIds", attention_mask: "paddingMask", token_type_ids: "segmentIds" } as const;

export interface Run {
  answer: Answer;
  encodings: Encoding[];
  tokenizeMs: number;
  modelMs: number;
}

ort.env.logLevel = "fatal"; // its warnings are about operators, not about the user's work
ort.env.wasm.wasmPaths = {
  mjs: new URL("ort-wasm-simd-threaded.mjs", import.meta.url).href,
  wasm: new URL("ort-wasm-simd-threaded.wasm", import.meta.url).href,
};

export class Model {
  private constructor(
    readonly facts: Facts,
    readonly threads: number,
    private readonly session: ort.InferenceSession,
  ) {}

  /** Opens an ONNX file. Throws an InputError if it does not fit; see `readFacts`. */
  static async open(data: Uint8Array, name: string, threads: number): Promise<Model> {
    const facts = readFacts(data, name);
    ort.env.wasm.numThreads = threads;
    try {
      const session = await ort.InferenceSession.create(data, { executionProviders: ["wasm"] });
      return new Model(facts, threads, session);
    } catch (error) {
      throw new InputError(`${name}: onnxruntime-web does not take this file (${firstLine(error)})`);
    }
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  /** Answers a text, or two: a pair in one, but for an embedding, where each has a vector of its own. */
  async run(text: string, textB?: string): Promise<Run> {
    const apart = this.facts.task === "embedding" && textB !== undefined;
    const started = performance.now();
    const { tokenizer, maxLength } = this.facts;
    const encodings = apart
      ? [text, textB].map((each) => tokenizer.encode(each, { maxLength }))
      : [tokenizer.encode(text, { textB, maxLength })];
    const tokenized = performance.now();
    const outputs: Outputs[] = [];
    for (const encoding of encodings) outputs.push(await this.outputs(encoding));
    const modelMs = performance.now() - tokenized;
    return {
      answer: answerOf(this.facts, outputs[0]!, outputs[1]),
      encodings,
      tokenizeMs: tokenized - started,
      modelMs,
    };
  }

  /** The milliseconds of one run at a length, without the tokenizer. */
  async time(length: number): Promise<number> {
    const { tokenizer } = this.facts;
    const unknown = tokenizer.encode("[UNK]".repeat(length - 2));
    const started = performance.now();
    await this.outputs(unknown);
    return performance.now() - started;
  }

  private async outputs(encoding: Encoding): Promise<Outputs> {
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, ours] of Object.entries(INPUTS)) {
      const values = encoding[ours];
      feeds[name] = new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
    }
    const found = await this.session.run(feeds, this.facts.outputs);
    return Object.fromEntries(this.facts.outputs.map((name) => [name, found[name]!.data as Float32Array]));
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0]!;
}
