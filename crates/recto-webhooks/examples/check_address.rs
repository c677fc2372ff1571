//! Says whether an endpoint may have an address: `cargo run --example check_address -p recto-webhooks -- URL…`

use recto_webhooks::AddressGuard;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let guard = AddressGuard { allow_private: false };
    for url in std::env::args().skip(1) {
        match guard.check(&url).await {
            Ok(()) => println!("{url}: allowed"),
            Err(problem) => println!("{url}: {problem}"),
        }
    }
}
