//! ONNX Runtime, which computes the networks.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use ort::environment::Environment;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use recto_ocr::OcrError;

use crate::NAME;

/// The loaded library. It stays loaded until the process ends, and a process has only one.
///
/// Builds by Microsoft start collecting telemetry as soon as they are loaded, with a thread of their own and a file in
/// the user's cache. Set `ORT_DISABLE_TELEMETRY=1` in the environment of the process to prevent that.
#[derive(Clone)]
pub struct Runtime {
    environment: Environment,
}

impl Runtime {
    /// Loads the library from bytes that are part of the program.
    ///
    /// On Linux the bytes are written to an anonymous file in memory. Elsewhere they are written to a temporary file,
    /// which is removed after loading where the system allows that.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OcrError> {
        #[cfg(target_os = "linux")]
        if let Ok(runtime) = Self::from_anonymous_file(bytes) {
            return Ok(runtime);
        }
        let mut file = tempfile::Builder::new()
            .prefix("onnxruntime-")
            .suffix(std::env::consts::DLL_SUFFIX)
            .tempfile()
            .map_err(not_started)?;
        file.write_all(bytes).map_err(not_started)?;
        // Windows does not load a library that is open for writing.
        Self::from_file(&file.into_temp_path())
    }

    #[cfg(target_os = "linux")]
    fn from_anonymous_file(bytes: &[u8]) -> Result<Self, OcrError> {
        use std::os::fd::AsRawFd as _;
        let descriptor =
            rustix::fs::memfd_create(c"libonnxruntime", rustix::fs::MemfdFlags::CLOEXEC).map_err(not_started)?;
        let mut file = File::from(descriptor);
        file.write_all(bytes).map_err(not_started)?;
        // The loader identifies libraries by name, and other libraries from anonymous files are also called
        // `/proc/self/fd/3`. A path with the process id differs from theirs.
        Self::from_file(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()).as_ref())
    }

    /// Loads the library from a file.
    pub fn from_file(path: &Path) -> Result<Self, OcrError> {
        let environment = ort::init_from(path)
            .map_err(not_started)?
            .with_name(NAME)
            .with_telemetry(false)
            .build()
            .map_err(not_started)?;
        // Its messages about ordinary models do not help an operator. Errors are returned anyway.
        environment.set_log_level(ort::logging::LogLevel::Fatal);
        Ok(Self { environment })
    }

    /// A network, ready to run on the calling thread.
    pub(crate) fn session(&self, model: &[u8]) -> Result<Session, OcrError> {
        Session::builder(&self.environment)
            .map_err(not_started)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(not_started)?
            .with_intra_threads(1)
            .map_err(not_started)?
            .with_inter_threads(1)
            .map_err(not_started)?
            // Every line has its own width, so a memory plan does not fit the next one.
            .with_memory_pattern(false)
            .map_err(not_started)?
            .commit_from_memory(model)
            .map_err(not_started)
    }
}

/// For `map_err`.
#[allow(clippy::needless_pass_by_value)] // `map_err` hands errors over
pub(crate) fn not_started(error: impl std::fmt::Display) -> OcrError {
    OcrError::Start { engine: NAME.to_owned(), reason: error.to_string() }
}
