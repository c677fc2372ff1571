//! Says what a server agrees to: `cargo run --example connect -p recto-tls -- HOST [PORT]`

use std::error::Error;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::ClientConnection;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().ok_or("usage: connect HOST [PORT]")?;
    let port: u16 = arguments.next().map_or(Ok(443), |port| port.parse())?;
    let mut stream = TcpStream::connect((host.as_str(), port))?;
    let mut connection = ClientConnection::new(Arc::new(recto_tls::client_config()?), host.try_into()?)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    println!("{:?} {:?}", connection.protocol_version(), connection.negotiated_cipher_suite());
    Ok(())
}
