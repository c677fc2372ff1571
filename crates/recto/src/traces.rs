//! Traces for OpenTelemetry: the durations of requests and of background work, sent to a collector by OTLP over HTTP.

use std::time::Duration;

use anyhow::Context;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};

/// The service name in every span.
const SERVICE: &str = "recto";
/// The path of the collector that accepts traces, relative to its address.
const PATH: &str = "/v1/traces";
/// The time limit for an answer of the collector.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends spans in the background. The last ones are sent when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct TraceExport(Option<SdkTracerProvider>);

impl TraceExport {
    /// Exports to the collector at an address such as `http://127.0.0.1:4318`. Its keys, sampling and further
    /// attributes come from the usual variables (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`,
    /// `OTEL_RESOURCE_ATTRIBUTES`).
    pub(crate) fn to(url: &str) -> anyhow::Result<Self> {
        let tls = recto_tls::client_config().context("TLS cannot be set up")?;
        let client = reqwest::blocking::Client::builder().tls_backend_preconfigured(tls).timeout(TIMEOUT).build()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(format!("{}{PATH}", url.trim_end_matches('/')))
            .with_timeout(TIMEOUT)
            .build()
            .context("traces cannot be sent")?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(SERVICE).with_attribute(version).build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        Ok(Self(Some(provider)))
    }

    /// The layer that collects Recto's own spans. It leaves out those of the libraries that send them.
    pub(crate) fn layer(&self) -> Option<impl Layer<Registry> + Send + Sync + use<>> {
        let tracer = self.0.as_ref()?.tracer(SERVICE);
        let own = Targets::new().with_target("recto", LevelFilter::INFO);
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
        Some(layer.with_filter(own))
    }
}

impl Drop for TraceExport {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(TIMEOUT)
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
