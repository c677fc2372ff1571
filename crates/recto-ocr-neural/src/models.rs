//! The models that the engine uses.

/// The networks and their dictionaries, as files in memory.
#[derive(Clone, Copy)]
pub struct Models {
    /// An ONNX file that takes a picture and returns, for every pixel, the probability that it belongs to a line of
    /// text (M. Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020).
    pub detector: &'static [u8],
    /// The recogniser that reads every line.
    pub recogniser: Recogniser,
    /// A slower recogniser that reads doubtful words again. Without it, they stay as the first one read them.
    pub careful: Option<Recogniser>,
}

/// A network that reads lines.
#[derive(Clone, Copy)]
pub struct Recogniser {
    /// An ONNX file that takes a picture 48 pixels high. For every eighth column it returns the probability of each
    /// character there (CTC; A. Graves et al., 2006). Its last layer is a matrix, a bias and a softmax.
    pub model: &'static [u8],
    /// The characters in the order of the last layer, one per line. The layer has one more column before them, for no
    /// character, and one after them, for the blank.
    pub dictionary: &'static [u8],
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let careful = if self.careful.is_some() { " with a careful recogniser" } else { "" };
        write!(f, "Models ({} bytes of detector{careful})", self.detector.len())
    }
}
