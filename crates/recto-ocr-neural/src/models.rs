//! The models that the engine works with.

/// The networks and their dictionaries, as files in memory.
#[derive(Clone, Copy)]
pub struct Models {
    /// An ONNX file that takes a picture and tells for every pixel how likely it belongs to a line of text (M. Liao et
    /// al., "Real-time Scene Text Detection with Differentiable Binarization", 2020).
    pub detector: &'static [u8],
    /// Reads every line.
    pub recogniser: Recogniser,
    /// A slower one that reads those words again of which the first is not sure; without it they stay as they are.
    pub careful: Option<Recogniser>,
}

/// A network that reads lines.
#[derive(Clone, Copy)]
pub struct Recogniser {
    /// An ONNX file that takes a picture 48 pixels high, and tells for every eighth column how likely each character
    /// stands there (CTC; A. Graves et al., 2006). Its last layer is a matrix, a bias and a softmax.
    pub model: &'static [u8],
    /// The characters in the order of the last layer, one a line; before them comes that for nothing, behind them that
    /// for a blank.
    pub dictionary: &'static [u8],
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let careful = if self.careful.is_some() { " with a careful recogniser" } else { "" };
        write!(f, "Models ({} bytes of detector{careful})", self.detector.len())
    }
}
