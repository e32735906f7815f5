//! The server as a thread of the client's own program.

use std::thread::JoinHandle;

use super::worker::{End, Worker, serve};
use crate::protocol::{ClientEnd, connect};

/// A running server thread. It ends when the client's end of its connection is dropped.
pub struct Server(Option<JoinHandle<()>>);

/// Starts a server thread and returns the client's end of the connection to it.
pub fn spawn() -> std::io::Result<(ClientEnd, Server)> {
    let (client, server) = connect();
    let thread = std::thread::Builder::new().name("veilbeat-server".into()).spawn(move || {
        let mut worker = Worker::default();
        // The other end is gone: that is how a server is told to stop.
        let _: Result<(), End> = serve(&server, |frame, link| worker.handle(&frame, link));
    })?;
    Ok((client, Server(Some(thread))))
}

impl Server {
    /// Waits until the thread has ended. Drop the client's end first.
    pub fn join(mut self) {
        if let Some(thread) = self.0.take() {
            // A panic inside a request was answered and outlived; one outside has been printed.
            let _ = thread.join();
        }
    }
}
