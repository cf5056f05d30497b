import { PbfWriter } from 'pbf';

/**
 * The few messages of the ONNX file format (onnx.proto3) that the encoder's graph is made of, written with a protobuf
 * writer. The numbers are the format's own field numbers.
 */

/** A constant of the graph. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** An attribute of a node; whole numbers where the operator wants an integer. */
export type OnnxAttribute =
  | { readonly name: string; readonly float: number }
  | { readonly name: string; readonly int: number }
  | { readonly name: string; readonly ints: readonly number[] };

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxTensor[];
  /** In an order in which each node's inputs are made before it. */
  readonly nodes: readonly OnnxNode[];
}

/** A float32 tensor that goes in or comes out. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly number[];
}

const IR_VERSION = 8;
const OPERATOR_SET = 17;
const ELEMENT_TYPE = { float32: 1, int64: 7 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

/** The graph as the bytes of an .onnx file. */
export function onnxBytes(graph: OnnxGraph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'clarity');
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(8, writeOperatorSet, OPERATOR_SET);
  return pbf.finish();
}

function writeGraph(graph: OnnxGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'pat_encoder');
  for (const constant of graph.constants) pbf.writeMessage(5, writeTensor, constant);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValue, output);
}

/** An empty domain is that of the standard's own operators. */
function writeOperatorSet(version: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, '');
  pbf.writeVarintField(2, version);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.outputs[0] ?? '');
  pbf.writeStringField(4, node.operator);
  for (const attribute of node.attributes) pbf.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute(attribute: OnnxAttribute, pbf: PbfWriter): void {
  pbf.writeStringField(1, attribute.name);
  if ('float' in attribute) {
    pbf.writeFloatField(2, attribute.float);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.float);
  } else if ('int' in attribute) {
    pbf.writeVarintField(3, attribute.int);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.int);
  } else {
    pbf.writePackedVarint(8, [...attribute.ints]);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.ints);
  }
}

function writeTensor({ name, dims, data }: OnnxTensor, pbf: PbfWriter): void {
  pbf.writePackedVarint(1, [...dims]);
  pbf.writeVarintField(2, data instanceof Float32Array ? ELEMENT_TYPE.float32 : ELEMENT_TYPE.int64);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue({ name, dims }: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, dims);
}

function writeType(dims: readonly number[], pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, dims);
}

function writeTensorType(dims: readonly number[], pbf: PbfWriter): void {
  pbf.writeVarintField(1, ELEMENT_TYPE.float32);
  pbf.writeMessage(2, writeShape, dims);
}

function writeShape(dims: readonly number[], pbf: PbfWriter): void {
  for (const dim of dims) pbf.writeMessage(1, writeDim, dim);
}

function writeDim(dim: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, dim);
}
