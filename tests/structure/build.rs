//! Tells the tests which machine they are built on.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let host = std::env::var("HOST").expect("Cargo tells a build script its host");
    println!("cargo::rustc-env=HOST={host}");
}
