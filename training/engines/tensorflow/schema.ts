/** @file The part of TensorFlow's saved_model.proto and what it includes that our files use, for protobufjs. Field numbers are TensorFlow's. */
import protobuf from 'protobufjs';

const schema = `
syntax = "proto3";
package tensorflow;
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; map<string, SignatureDef> signature_def = 5; }
message MetaInfoDef { string meta_graph_version = 1; repeated string tags = 4; string tensorflow_version = 5; bool stripped_default_attrs = 7; }
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShapeProto tensor_shape = 3; }
message TensorShapeProto { message Dim { int64 size = 1; string name = 2; } repeated Dim dim = 2; bool unknown_rank = 3; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; FunctionDefLibrary library = 2; }
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message FunctionDefLibrary { repeated FunctionDef function = 1; }
message FunctionDef { OpDef signature = 1; map<string, AttrValue> attr = 5; repeated NodeDef node_def = 3; map<string, string> ret = 4; map<string, string> control_ret = 6; }
message OpDef { message ArgDef { string name = 1; int32 type = 3; } string name = 1; repeated ArgDef input_arg = 2; repeated ArgDef output_arg = 3; bool is_stateful = 17; repeated string control_output = 20; }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5; }
message NameAttrList { string name = 1; map<string, AttrValue> attr = 2; }
message AttrValue { message ListValue { repeated int64 i = 3; repeated int32 type = 6; } oneof value { bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; TensorShapeProto shape = 7; TensorProto tensor = 8; ListValue list = 1; NameAttrList func = 10; } }
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; }
`;

export const SavedModelProto = protobuf.parse(schema, { keepCase: true }).root.lookupType('tensorflow.SavedModel');

export type ShapeMessage = { dim: { size: number }[] };
export type TensorMessage = { dtype: number; tensor_shape: ShapeMessage; tensor_content: Uint8Array };
/** One of them. */
export type AttributeMessage = {
  s?: Uint8Array;
  i?: number;
  f?: number;
  b?: boolean;
  type?: number;
  shape?: ShapeMessage;
  tensor?: TensorMessage;
  list?: { i?: number[]; type?: number[] };
  func?: { name: string };
};
export type Attributes = Record<string, AttributeMessage>;
export type NodeMessage = { name: string; op: string; input: string[]; attr: Attributes };
type ArgumentMessage = { name: string; type: number };
export type FunctionMessage = {
  signature: {
    name: string;
    input_arg: ArgumentMessage[];
    output_arg: ArgumentMessage[];
    control_output: string[];
    is_stateful: boolean;
  };
  attr: Attributes;
  node_def: NodeMessage[];
  ret: Record<string, string>;
  control_ret: Record<string, string>;
};
export type TensorInfoMessage = { name: string; dtype: number; tensor_shape: ShapeMessage };
export type SignatureMessage = {
  inputs: Record<string, TensorInfoMessage>;
  outputs: Record<string, TensorInfoMessage>;
  method_name: string;
};
export type GraphMessage = {
  node: NodeMessage[];
  versions: { producer: number; min_consumer: number };
  library: { function: FunctionMessage[] };
};
export type SavedModelMessage = {
  saved_model_schema_version: number;
  meta_graphs: {
    meta_info_def: { meta_graph_version: string; tags: string[]; tensorflow_version: string; stripped_default_attrs: boolean };
    graph_def: GraphMessage;
    signature_def: Record<string, SignatureMessage>;
  }[];
};
