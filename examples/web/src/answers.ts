// From the outputs of a model to what is shown: the activations and rules of kbert/problems.
import type { Facts } from "./facts";
import { InputError } from "./input_error";

export interface Bar {
  label: string;
  probability: number;
  /** Whether the model says so: the likeliest label, or every one from the threshold on. */
  chosen: boolean;
}

export interface TokenTag {
  tag: string;
  probability: number;
}

export type Answer =
  | { kind: "labels"; bars: Bar[]; threshold: number | null }
  | { kind: "score"; value: number; range: [number, number] }
  | { kind: "tags"; tags: TokenTag[]; intents: Bar[] }
  | { kind: "vector"; size: number; cosine: number | null };

/** The numbers of one output for one text: (numbers,), or (length, numbers) row by row. */
export type Outputs = Record<string, Float32Array>;

/** What the outputs for a text say; `second` are those of the text that an embedding is compared with. */
export function answerOf(facts: Facts, outputs: Outputs, second?: Outputs): Answer {
  if (!Object.values(outputs).every((values) => values.every(Number.isFinite))) {
    throw new InputError("the model gave an answer that is no number for this text. Try a file of another scheme");
  }
  const of = (name: string) => Array.from(outputs[name]!);
  switch (facts.task) {
    case "text-classification":
      return { kind: "labels", bars: likeliest(facts.labels, of("logits")), threshold: null };
    case "multi-label": {
      const bars = facts.labels.map((label, i) => {
        const probability = sigmoid(of("logits")[i]!);
        return { label, probability, chosen: probability >= facts.threshold };
      });
      return { kind: "labels", bars: bars.sort(byProbability), threshold: facts.threshold };
    }
    case "regression":
      return { kind: "score", value: of("logits")[0]!, range: facts.range };
    case "token-classification":
      return { kind: "tags", tags: tagsOf(facts.labels, of("logits")), intents: [] };
    case "intent-slots":
      return {
        kind: "tags",
        tags: tagsOf(facts.labels, of("slot_logits")),
        intents: likeliest(facts.intents, of("intent_logits")),
      };
    default: {
      const vector = of("sentence_embedding");
      return {
        kind: "vector",
        size: vector.length,
        cosine: second ? cosine(vector, Array.from(second["sentence_embedding"]!)) : null,
      };
    }
  }
}

function byProbability(one: Bar, other: Bar): number {
  return other.probability - one.probability; // sort is stable: of equal ones the first stays first
}

function likeliest(labels: string[], logits: number[]): Bar[] {
  const probabilities = softmax(logits);
  const bars = labels.map((label, i) => ({ label, probability: probabilities[i]!, chosen: false })).sort(byProbability);
  if (bars[0]) bars[0].chosen = true;
  return bars;
}

function tagsOf(labels: string[], logits: number[]): TokenTag[] {
  const tags: TokenTag[] = [];
  for (let start = 0; start < logits.length; start += labels.length) {
    const probabilities = softmax(logits.slice(start, start + labels.length));
    const probability = Math.max(...probabilities);
    tags.push({ tag: labels[probabilities.indexOf(probability)]!, probability });
  }
  return tags;
}

export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((one, other) => one + other, 0);
  return powers.map((value) => value / sum);
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return dot(one, other) / (Math.sqrt(dot(one, one)) * Math.sqrt(dot(other, other)) || 1);
}
