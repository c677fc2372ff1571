//! Separates the last layer from a recogniser.
//!
//! A recogniser for all scripts computes, for every place of a line, the probability of each of many thousand
//! characters. That is a quarter of its work, but the languages of a page need only some hundred of them. So the file
//! is split in two: the body, which the runtime computes, and the matrix and bias of the last layer. Of these, only the
//! columns of possible characters are computed.
//!
//! An ONNX file is a protocol buffer. Only the message fields named here are interpreted; all others are copied
//! unchanged (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>).

/// The field numbers.
mod field {
    pub(super) const MODEL_GRAPH: u64 = 7;
    pub(super) const GRAPH_NODE: u64 = 1;
    pub(super) const GRAPH_INITIALIZER: u64 = 5;
    pub(super) const GRAPH_OUTPUT: u64 = 12;
    pub(super) const NODE_INPUT: u64 = 1;
    pub(super) const NODE_OUTPUT: u64 = 2;
    pub(super) const NODE_OPERATOR: u64 = 4;
    pub(super) const TENSOR_DIMENSION: u64 = 1;
    pub(super) const TENSOR_TYPE: u64 = 2;
    pub(super) const TENSOR_NAME: u64 = 8;
    pub(super) const TENSOR_RAW: u64 = 9;
    pub(super) const VALUE_NAME: u64 = 1;
}

/// `TensorProto.FLOAT`.
const FLOAT: u64 = 1;
/// The type of an output that is a tensor of floats of any shape: `ValueInfoProto.type.tensor_type.elem_type`.
const TENSOR_OF_FLOATS: [u8; 6] = [0x12, 0x04, 0x0a, 0x02, 0x08, 0x01];

/// A recogniser in two parts.
pub(crate) struct Parted {
    /// The ONNX file without the last layer. Its output is the features from which that layer computes the characters.
    pub(crate) body: Vec<u8>,
    /// The matrix, with a row for each feature and a column for each character.
    pub(crate) matrix: Vec<f32>,
    /// The number added to each column.
    pub(crate) bias: Vec<f32>,
}

/// Splits a file; `None` when it does not end in a matrix, a bias and a softmax.
pub(crate) fn parted(model: &[u8]) -> Option<Parted> {
    let model_fields = fields(model)?;
    let graph = model_fields.iter().find(|f| f.number == field::MODEL_GRAPH)?.content;
    let graph = fields(graph)?;
    let nodes: Vec<Node<'_>> =
        graph.iter().filter(|f| f.number == field::GRAPH_NODE).map(|f| Node::of(f.content)).collect::<Option<_>>()?;
    let output = name_of(graph.iter().find(|f| f.number == field::GRAPH_OUTPUT)?.content, field::VALUE_NAME)?;

    let maker = |name: &[u8]| nodes.iter().position(|n| n.outputs.contains(&name));
    let mut last = vec![maker(output).filter(|&n| nodes[n].operator == b"Softmax")?];
    let above = |operator: &[u8], last: &mut Vec<usize>| -> Option<usize> {
        loop {
            let node = maker(nodes[*last.last()?].inputs.first()?)?;
            last.push(node);
            if nodes[node].operator == operator {
                return Some(node);
            }
            if nodes[node].operator != b"Identity" {
                return None;
            }
        }
    };
    let add = above(b"Add", &mut last)?;
    let product = above(b"MatMul", &mut last)?;
    let (features, matrix) = (*nodes[product].inputs.first()?, *nodes[product].inputs.get(1)?);
    let bias = *nodes[add].inputs.get(1)?;

    let constant = |name: &[u8]| {
        let initializers = graph.iter().filter(|f| f.number == field::GRAPH_INITIALIZER);
        initializers.map(|f| f.content).find(|tensor| name_of(tensor, field::TENSOR_NAME) == Some(name))
    };
    let (matrix_tensor, bias_tensor) = (constant(matrix)?, constant(bias)?);

    let mut body = Vec::new();
    let mut index = 0;
    for f in &graph {
        match f.number {
            field::GRAPH_NODE => {
                if !last.contains(&index) {
                    body.extend(f.whole);
                }
                index += 1;
            }
            field::GRAPH_INITIALIZER
                if [matrix_tensor.as_ptr(), bias_tensor.as_ptr()].contains(&f.content.as_ptr()) => {}
            field::GRAPH_OUTPUT => {
                let mut value = Vec::new();
                put(&mut value, field::VALUE_NAME, features);
                value.extend(TENSOR_OF_FLOATS);
                put(&mut body, field::GRAPH_OUTPUT, &value);
            }
            _ => body.extend(f.whole),
        }
    }
    let mut file = Vec::with_capacity(model.len());
    for f in &model_fields {
        if f.number == field::MODEL_GRAPH {
            put(&mut file, field::MODEL_GRAPH, &body);
        } else {
            file.extend(f.whole);
        }
    }
    let (matrix, bias) = (floats(matrix_tensor)?, floats(bias_tensor)?);
    (!bias.is_empty() && matrix.len() % bias.len() == 0).then_some(Parted { body: file, matrix, bias })
}

/// A node of the graph.
struct Node<'a> {
    operator: &'a [u8],
    inputs: Vec<&'a [u8]>,
    outputs: Vec<&'a [u8]>,
}

impl<'a> Node<'a> {
    fn of(message: &'a [u8]) -> Option<Self> {
        let mut node = Self { operator: b"", inputs: Vec::new(), outputs: Vec::new() };
        for f in fields(message)? {
            match f.number {
                field::NODE_INPUT => node.inputs.push(f.content),
                field::NODE_OUTPUT => node.outputs.push(f.content),
                field::NODE_OPERATOR => node.operator = f.content,
                _ => {}
            }
        }
        Some(node)
    }
}

fn name_of(message: &[u8], number: u64) -> Option<&[u8]> {
    fields(message)?.into_iter().find(|f| f.number == number).map(|f| f.content)
}

/// The values of a tensor of floats that stores them as raw bytes.
fn floats(tensor: &[u8]) -> Option<Vec<f32>> {
    let all = fields(tensor)?;
    let raw = all.iter().find(|f| f.number == field::TENSOR_RAW)?.content;
    let is_float = all.iter().any(|f| f.number == field::TENSOR_TYPE && f.value == FLOAT);
    let dimensions = all.iter().filter(|f| f.number == field::TENSOR_DIMENSION).map(|f| f.value);
    let (values, rest) = raw.as_chunks::<4>();
    let has_shape = dimensions.product::<u64>() == values.len() as u64;
    (is_float && has_shape && rest.is_empty()).then(|| values.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

/// A field of a message.
struct Field<'a> {
    number: u64,
    /// The whole field, including its number.
    whole: &'a [u8],
    /// The content of a field that has a length.
    content: &'a [u8],
    /// The value of a field that is a number.
    value: u64,
}

/// The fields of a message in their order; `None` when the bytes are not a message.
fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut found = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let start = rest;
        let key = varint(&mut rest)?;
        let (mut content, mut value): (&[u8], u64) = (&[], 0);
        match key & 7 {
            0 => value = varint(&mut rest)?,
            1 => rest = rest.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                (content, rest) = rest.split_at_checked(length)?;
            }
            5 => rest = rest.get(4..)?,
            _ => return None,
        }
        found.push(Field { number: key >> 3, whole: &start[..start.len() - rest.len()], content, value });
    }
    Some(found)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Writes a field that has a length.
fn put(out: &mut Vec<u8>, number: u64, content: &[u8]) {
    for mut value in [number << 3 | 2, content.len() as u64] {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
    out.extend(content);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(parts: &[(u64, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, content) in parts {
            put(&mut out, *number, content);
        }
        out
    }

    fn node(operator: &str, inputs: &[&str], output: &str) -> Vec<u8> {
        let inputs = inputs.iter().map(|name| (field::NODE_INPUT, name.as_bytes()));
        let rest = [(field::NODE_OUTPUT, output.as_bytes()), (field::NODE_OPERATOR, operator.as_bytes())];
        message(&inputs.chain(rest).collect::<Vec<_>>())
    }

    fn tensor(name: &str, dimensions: &[u8], values: &[f32]) -> Vec<u8> {
        let mut out: Vec<u8> = dimensions.iter().flat_map(|&d| [0x08, d]).collect();
        out.extend([0x10, FLOAT as u8]);
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        out.extend(message(&[(field::TENSOR_NAME, name.as_bytes()), (field::TENSOR_RAW, &raw)]));
        out
    }

    #[test]
    fn the_last_layer_comes_off_and_the_rest_stays() {
        let conv = node("Conv", &["x"], "f");
        let (matrix, bias) =
            (tensor("w", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), tensor("b", &[3], &[0.5, 0.0, -0.5]));
        let other = tensor("k", &[1], &[9.0]);
        let graph = message(&[
            (field::GRAPH_NODE, &conv),
            (field::GRAPH_NODE, &node("MatMul", &["f", "w"], "m")),
            (field::GRAPH_NODE, &node("Add", &["m", "b"], "a")),
            (field::GRAPH_NODE, &node("Identity", &["a"], "i")),
            (field::GRAPH_NODE, &node("Softmax", &["i"], "y")),
            (field::GRAPH_INITIALIZER, &matrix),
            (field::GRAPH_INITIALIZER, &other),
            (field::GRAPH_INITIALIZER, &bias),
            (field::GRAPH_OUTPUT, &message(&[(field::VALUE_NAME, b"y")])),
        ]);
        let parted = parted(&message(&[(2, b"producer"), (field::MODEL_GRAPH, &graph)])).unwrap();
        assert_eq!((parted.matrix, parted.bias), (vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![0.5, 0.0, -0.5]));
        let mut value = message(&[(field::VALUE_NAME, b"f")]);
        value.extend(TENSOR_OF_FLOATS);
        let body =
            message(&[(field::GRAPH_NODE, &conv), (field::GRAPH_INITIALIZER, &other), (field::GRAPH_OUTPUT, &value)]);
        assert_eq!(parted.body, message(&[(2, b"producer"), (field::MODEL_GRAPH, &body)]));
    }

    #[test]
    fn a_network_that_ends_otherwise_is_not_parted() {
        let graph = message(&[
            (field::GRAPH_NODE, &node("Sigmoid", &["x"], "y")),
            (field::GRAPH_OUTPUT, &message(&[(field::VALUE_NAME, b"y")])),
        ]);
        assert!(parted(&message(&[(field::MODEL_GRAPH, &graph)])).is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parted(&bytes);
            if let Some(found) = fields(&bytes) {
                prop_assert_eq!(found.iter().map(|f| f.whole.len()).sum::<usize>(), bytes.len());
            }
        }
    }
}
