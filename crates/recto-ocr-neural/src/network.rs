//! A network that is ready to run.

use ort::session::Session;
use ort::value::TensorRef;
use recto_ocr::OcrError;

use crate::NAME;
use crate::runtime::Runtime;

/// A network with one picture as its input and one tensor as its output.
pub(crate) struct Network {
    session: Session,
    input: String,
}

impl Network {
    /// Loads an ONNX file.
    pub(crate) fn load(runtime: &Runtime, model: &[u8]) -> Result<Self, OcrError> {
        let session = runtime.session(model)?;
        let input = session.inputs().first().map(|input| input.name().to_owned()).unwrap_or_default();
        Ok(Self { session, input })
    }

    /// Runs the network on a picture of `width` x `height` pixels in three planes. `take` gets the output and its
    /// shape.
    pub(crate) fn run<T>(
        &mut self,
        width: usize,
        height: usize,
        planes: &[f32],
        take: impl FnOnce(&[i64], &[f32]) -> Option<T>,
    ) -> Result<T, OcrError> {
        let picture = TensorRef::from_array_view(([1, 3, height, width], planes)).map_err(given_up)?;
        let outputs = self.session.run(ort::inputs![self.input.as_str() => picture]).map_err(given_up)?;
        let (shape, values) = outputs[0].try_extract_tensor::<f32>().map_err(given_up)?;
        take(shape, values).ok_or_else(|| given_up(format!("a network returned the unexpected shape {shape:?}")))
    }
}

#[allow(clippy::needless_pass_by_value)] // `map_err` hands errors over
fn given_up(error: impl std::fmt::Display) -> OcrError {
    OcrError::Page { engine: NAME.to_owned(), reason: error.to_string() }
}
