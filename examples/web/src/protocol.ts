// What the page and its worker say to each other. The worker has the model, so the page never stands still.
import type { Answer } from "./answers";

/** A file to open: where to fetch it, or the file itself. */
export type Source = { name: string; url: string } | { name: string; file: File };

export interface ModelInfo {
  name: string;
  task: string;
  labels: number;
  maxLength: number;
  vocabularySize: number;
  lowercase: boolean;
  scheme: string;
  bytes: number;
  threads: number;
  loadMs: number;
}

export interface ShownToken {
  text: string;
  /** Of the second text? */
  second: boolean;
  special: boolean;
  offset: [number, number];
}

export interface Answered {
  answer: Answer;
  tokens: ShownToken[];
  /** Those that the model read, of all texts. */
  length: number;
  truncated: boolean;
  tokenizeMs: number;
  modelMs: number;
}

/** One of the vectors of a `tokenizer_golden.json`. */
export interface GoldenVector {
  text: string;
  token_ids: number[];
  offsets: [number, number][];
}

export interface GoldenFile {
  lowercase: boolean;
  max_length: number;
  vectors: GoldenVector[];
}

export interface GoldenResult {
  passed: number;
  total: number;
  /** The first texts that the tokenizer reads otherwise. */
  failures: string[];
}

export interface Requests {
  open: { given: { source: Source; threads: number }; answer: ModelInfo };
  run: { given: { text: string; textB?: string | undefined }; answer: Answered };
  time: { given: { length: number; runs: number }; answer: number };
  golden: { given: { file: GoldenFile }; answer: GoldenResult };
}

export type Kind = keyof Requests;
export type Request = { [K in Kind]: { id: number; kind: K; given: Requests[K]["given"] } }[Kind];
export type Response = { id: number; answer?: unknown; error?: { message: string; expected: boolean } };
