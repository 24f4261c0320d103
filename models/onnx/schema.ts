/** @file The part of onnx.proto (IR version 9) that our files use, for protobufjs. Field numbers are those of the ONNX specification. */
import protobuf from 'protobufjs';

const schema = `
syntax = "proto3";
package onnx;
message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; TensorProto t = 5; GraphProto g = 6; repeated float floats = 7; repeated int64 ints = 8; int32 type = 20; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; string domain = 7; }
message ModelProto { int64 ir_version = 1; string producer_name = 2; string producer_version = 3; string domain = 4; int64 model_version = 5; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; repeated StringStringEntryProto metadata_props = 14; }
message StringStringEntryProto { string key = 1; string value = 2; }
message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; repeated ValueInfoProto value_info = 13; }
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; repeated int32 int32_data = 5; repeated int64 int64_data = 7; string name = 8; bytes raw_data = 9; repeated double double_data = 10; repeated StringStringEntryProto external_data = 13; int32 data_location = 14; }
message TensorShapeProto { message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } } repeated Dimension dim = 1; }
message TypeProto { message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; } message Sequence { TypeProto elem_type = 1; } oneof value { Tensor tensor_type = 1; Sequence sequence_type = 4; } }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
`;

export const ModelProto = protobuf.parse(schema, { keepCase: true }).root.lookupType('onnx.ModelProto');

/** Opset 20 has LayerNormalization, Gelu and ScatterElements(add), and is read by every runtime we name. */
export const opset = 20;
export const irVersion = 9;

/** `data_location` 1: the bytes lie in another file, as `external_data` says. */
export type TensorMessage = {
  dims: number[];
  data_type: number;
  name: string;
  raw_data?: Uint8Array;
  external_data?: { key: string; value: string }[];
  data_location?: 1;
};
export type AttributeMessage = {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorMessage;
  g?: GraphMessage;
  ints?: number[];
};
export type NodeMessage = { input: string[]; output: string[]; name: string; op_type: string; attribute: AttributeMessage[] };
export type DimensionMessage = { dim_value?: number; dim_param?: string };
export type ValueMessage = { name: string; type: { tensor_type: { elem_type: number; shape: { dim: DimensionMessage[] } } } };
/** A list of tensors; none of our graphs computes with one. */
export type SequenceMessage = { name: string; type: { sequence_type: { elem_type: { tensor_type: { elem_type: number } } } } };
export type GraphMessage = {
  name: string;
  node: NodeMessage[];
  initializer: TensorMessage[];
  input: ValueMessage[];
  output: (ValueMessage | SequenceMessage)[];
};
export type ModelMessage = {
  ir_version: number;
  producer_name: string;
  opset_import: { domain: string; version: number }[];
  graph: GraphMessage;
};
