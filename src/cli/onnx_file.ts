/** Telling a model file from the remains of one, without loading it. */

/** Protobuf's wire types that a model's fields have. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
/** `ModelProto.graph` in onnx.proto. */
const GRAPH_FIELD = 7;

/**
 * Whether the bytes are one protobuf message whose fields end where the file ends, as a model's do (onnx.proto,
 * ModelProto): a download that broke off, or a web page in its place, does not.
 */
export function isWholeOnnx(bytes: Uint8Array): boolean {
  let at = 0;
  const readNumber = () => {
    let value = 0;
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return NaN;
  };
  let graph = false;
  while (at < bytes.length) {
    const tag = readNumber();
    const [field, wire] = [tag >> 3, tag & 7];
    if (wire !== VARINT && wire !== LENGTH_DELIMITED) return false;
    const value = readNumber();
    if (wire === LENGTH_DELIMITED) at += value;
    graph ||= field === GRAPH_FIELD;
  }
  return graph && at === bytes.length;
}
