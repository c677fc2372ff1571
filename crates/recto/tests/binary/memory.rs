//! The server's memory does not grow with what is sent.

use std::io::Read;

use reqwest::blocking::multipart::Part;

use crate::documents::files;
use crate::server::Server;

const MIB: u64 = 1024 * 1024;
const FILES: u64 = 11;
const FILE_BYTES: u64 = 95 * MIB;

#[test]
fn a_request_of_a_gibibyte_raises_it_by_less_than_64_mib() {
    let server = Server::start();
    server.read(files(&["letter.tif"]));
    let before = server.memory("VmHWM");
    let zeros = || Part::reader_with_length(std::io::repeat(0).take(FILE_BYTES), FILE_BYTES);
    let form = (0..FILES).fold(server.form(), |form, i| form.part("files", zeros().file_name(format!("{i}.bin"))));
    let answer = server.send(form);
    assert_eq!(answer.status, 201, "{}", answer.body);
    let details = server.wait(answer.body["id"].as_str().unwrap());
    assert_eq!(details["failedFiles"], FILES, "{details:#}");
    let raised = server.memory("VmHWM") - before;
    assert!(raised < 64 * MIB, "raised by {} MiB", raised / MIB);
}
