//! The worker's end of the socket to the server.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::frame::{self, FrameError, HEADER_BYTES};

/// Why the communication with the server ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    /// The server is gone, or no longer needs this worker.
    #[error("the server has closed the connection")]
    Closed,
    /// The socket failed.
    #[error("the connection to the server failed: {0}")]
    Io(#[from] io::Error),
    /// The server sent something that is not in the protocol.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl From<rustix::io::Errno> for ConnectionError {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// The half that receives messages and the descriptors that travel with them.
pub(crate) struct Receiver {
    socket: Arc<UnixStream>,
    descriptors: VecDeque<OwnedFd>,
}

/// The half that sends messages.
#[derive(Clone)]
pub(crate) struct Sender {
    socket: Arc<UnixStream>,
}

/// The socket that the server passed to this process as standard input, split into two halves.
pub(crate) fn from_stdin() -> io::Result<(Sender, Receiver)> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // This fails with ENOTSOCK when a person started the worker by hand.
    socket.peer_addr()?;
    Ok(halves(socket))
}

fn halves(socket: UnixStream) -> (Sender, Receiver) {
    let socket = Arc::new(socket);
    (Sender { socket: Arc::clone(&socket) }, Receiver { socket, descriptors: VecDeque::new() })
}

impl Sender {
    /// Sends one message; returns its length in bytes. A message that is too long is not sent at all.
    pub(crate) fn send(&mut self, message: &impl Serialize) -> Result<usize, ConnectionError> {
        let frame = frame::encode(message)?;
        (&*self.socket).write_all(&frame)?;
        Ok(frame.len())
    }
}

impl Receiver {
    /// The file descriptor of the socket, which both halves use.
    pub(crate) fn socket(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Waits for the next message.
    pub(crate) fn receive<T: DeserializeOwned>(&mut self) -> Result<T, ConnectionError> {
        let mut header = [0; HEADER_BYTES];
        self.fill(&mut header)?;
        let mut body = vec![0; frame::body_length(header)?];
        self.fill(&mut body)?;
        Ok(frame::decode(&body)?)
    }

    /// The oldest descriptor that came with the messages so far and has not been taken yet.
    pub(crate) fn take_descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), ConnectionError> {
        let mut filled = 0;
        while filled < buffer.len() {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let rest = &mut [IoSliceMut::new(&mut buffer[filled..])];
            let received = match recvmsg(&*self.socket, rest, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Err(rustix::io::Errno::INTR) => continue,
                other => other?,
            };
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                    self.descriptors.extend(descriptors);
                }
            }
            if received.bytes == 0 {
                return Err(ConnectionError::Closed);
            }
            filled += received.bytes;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_cross_and_the_end_is_told() {
        let (here, there) = UnixStream::pair().unwrap();
        let (mut sender, _) = halves(here);
        let (_, mut receiver) = halves(there);
        sender.send(&"one").unwrap();
        sender.send(&"two").unwrap();
        assert_eq!(receiver.receive::<String>().unwrap(), "one");
        assert_eq!(receiver.receive::<String>().unwrap(), "two");
        sender.socket.shutdown(std::net::Shutdown::Both).unwrap();
        assert!(matches!(receiver.receive::<String>(), Err(ConnectionError::Closed)));
    }
}
