//! How a session reaches a server: whoever starts it decides.

use std::io;

use crate::protocol::ClientEnd;
use crate::server;

/// Waits until a server has ended, which it does once the connection to it is dropped.
pub type AwaitEnd = Box<dyn FnOnce() + Send>;
/// A connection to a server.
pub type Connection = (ClientEnd, AwaitEnd);
/// Connects to a server that holds nothing.
pub type Connect = Box<dyn Fn() -> io::Result<Connection> + Send>;

/// Connects to a server that is a thread of this program.
pub fn server_thread() -> io::Result<Connection> {
    let (end, server) = server::spawn()?;
    Ok((end, Box::new(|| server.join())))
}
