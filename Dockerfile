# Recto as an image: everything is built from this folder in the first stage; the second has what it needs to run.
#
#   docker build -t recto .
#   docker run --rm -p 127.0.0.1:8080:8080 -v recto-data:/var/lib/recto --read-only --tmpfs /tmp recto

FROM rust:1.95.0-slim-trixie AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
# First what rarely changes, so that a change of the sources does not fetch and build it again.
COPY Cargo.toml bootstrap.sh ./
COPY crates/recto-ocr-tesseract/native crates/recto-ocr-tesseract/native
RUN ./bootstrap.sh
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin recto \
    && install -D -m 755 target/release/recto /out/usr/local/bin/recto \
    && mkdir -p /out/usr/share/doc/recto \
    && cp -rL .deps/pdfium/licenses /out/usr/share/doc/recto/pdfium \
    && cp -rL .deps/neural/licenses /out/usr/share/doc/recto/neural

FROM debian:13.2-slim
# The libraries of C++, roots of TLS, and models of Tesseract for letters that the neural engine does not know. Those who
# build for a fixed set of languages name it: --build-arg LANGUAGES="eng tha".
ARG LANGUAGES="ara ben bul ell eng fas heb hin jpn kor osd rus srp tam tha ukr vie"
# The newest of a distribution that only mends: pinned versions would vanish from its mirrors. The names of the models are
# to be split into words.
# hadolint ignore=DL3008,SC2046
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
        $(printf 'tesseract-ocr-%s ' ${LANGUAGES}) \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /var/lib/recto --create-home --shell /usr/sbin/nologin recto
COPY --from=build /out/ /
# By number, so that a cluster can see that it is not root.
USER 10001
WORKDIR /var/lib/recto
ENV RECTO__DATA_DIR=/var/lib/recto \
    RECTO__SERVER__LISTEN=0.0.0.0:8080
VOLUME /var/lib/recto
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["recto", "ready"]
ENTRYPOINT ["recto"]
CMD ["serve"]
