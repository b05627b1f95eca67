// What an ONNX file says of itself, read before ONNX Runtime sees it: onnxruntime-web tells neither the metadata nor,
// where something does not fit, why. Only the fields of the protocol buffer that are asked about are read.
import { InputError } from "./input_error";

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7, properties: 14 };
const PROPERTY = { key: 1, value: 2 };
const GRAPH = { node: 1, initializer: 5, output: 12 };
const NODE = { input: 1, operator: 4 };
const TENSOR = { dimensions: 1, name: 8, location: 14 };
const VALUE = { name: 1, type: 2 };
const TENSOR_TYPE = { shape: 2 };
const DIMENSION = { size: 1 };
const FIRST = 1; // tensor_type of a type, dim of a shape
const EXTERNAL = 1;

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 };

export interface OnnxFile {
  /** The metadata properties. */
  properties: Map<string, string>;
  /** How many numbers each output has on its last axis; 0 where that is free. */
  outputs: Map<string, number>;
  /** The rows of the table that token ids are looked up in; undefined where none was found. */
  tableRows: number | undefined;
}

type Field = { number: number; value: number; bytes: Uint8Array };

/** Reads an ONNX file; `name` is for errors. Throws an InputError if it is none, cut short, or not in one piece. */
export function readOnnxFile(data: Uint8Array, name: string): OnnxFile {
  try {
    return read(data, name);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new InputError(`${name}: expected a whole ONNX file, this one is damaged or cut short. Copy it again`);
    }
    throw error;
  }
}

function read(data: Uint8Array, name: string): OnnxFile {
  const found: OnnxFile = { properties: new Map(), outputs: new Map(), tableRows: undefined };
  let graph: Uint8Array | undefined;
  for (const { number, bytes } of fields(data)) {
    if (number === MODEL.graph) graph = bytes;
    if (number === MODEL.properties) found.properties.set(text(bytes, PROPERTY.key), text(bytes, PROPERTY.value));
  }
  if (!graph) throw new RangeError("no graph");
  const rows = new Map<string, number>();
  const tables: string[] = [];
  for (const { number, bytes } of fields(graph)) {
    if (number === GRAPH.initializer) {
      if ([...fields(bytes)].some((field) => field.number === TENSOR.location && field.value === EXTERNAL)) {
        throw new InputError(
          `${name}: its weights lie in a file beside it, more than a browser takes. Export it as int8`,
        );
      }
      rows.set(text(bytes, TENSOR.name), dimensions(bytes)[0] ?? 0);
    } else if (number === GRAPH.node) {
      const inputs = all(bytes, NODE.input).map(decode);
      if (text(bytes, NODE.operator).startsWith("Gather") && inputs[1] === "input_ids") tables.push(inputs[0]!);
    } else if (number === GRAPH.output) {
      found.outputs.set(text(bytes, VALUE.name), lastDimension(bytes));
    }
  }
  found.tableRows = tables.map((table) => rows.get(table)).find((size) => size !== undefined);
  return found;
}

function lastDimension(value: Uint8Array): number {
  const tensor = all(all(value, VALUE.type)[0] ?? new Uint8Array(), FIRST)[0] ?? new Uint8Array();
  const last = all(all(tensor, TENSOR_TYPE.shape)[0] ?? new Uint8Array(), FIRST).at(-1);
  return last ? ([...fields(last)].find((field) => field.number === DIMENSION.size)?.value ?? 0) : 0;
}

function dimensions(tensor: Uint8Array): number[] {
  const found: number[] = [];
  for (const field of fields(tensor)) {
    if (field.number !== TENSOR.dimensions) continue;
    // Packed into one field, or a field each.
    if (!field.bytes.length) found.push(field.value);
    for (let at = 0; at < field.bytes.length;) {
      const [size, next] = varint(field.bytes, at);
      found.push(size);
      at = next;
    }
  }
  return found;
}

function all(message: Uint8Array, number: number): Uint8Array[] {
  return [...fields(message)].filter((field) => field.number === number).map((field) => field.bytes);
}

function text(message: Uint8Array, number: number): string {
  return decode(all(message, number)[0] ?? new Uint8Array());
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const decode = (bytes: Uint8Array) => decoder.decode(bytes);

/** The fields of a message. Throws a RangeError where one is longer than what is left. */
function* fields(message: Uint8Array): Generator<Field> {
  const none = new Uint8Array();
  for (let at = 0; at < message.length;) {
    let key: number;
    [key, at] = varint(message, at);
    const wire = key & 7;
    const number = Math.floor(key / 8);
    let size = wire === WIRE.fixed64 ? 8 : wire === WIRE.fixed32 ? 4 : 0;
    let value = 0;
    if (wire === WIRE.varint) [value, at] = varint(message, at);
    else if (wire === WIRE.bytes) [size, at] = varint(message, at);
    else if (!size) throw new RangeError(`wire type ${wire}`);
    if (number === 0 || at + size > message.length) throw new RangeError("a field beyond the end");
    yield { number, value, bytes: size ? message.subarray(at, at + size) : none };
    at += size;
  }
}

function varint(data: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    if (at >= data.length || scale > 2 ** 63) throw new RangeError("a number without an end");
    const byte = data[at++]!;
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}
