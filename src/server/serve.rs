//! A server on two streams of bytes, such as a program's standard input and output.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::limits::Limits;
use super::store::Store;
use super::store_file::{StoreError, StoreFile};
use super::worker::{End, Worker, serve as serve_frames};
use crate::protocol::{FrameError, Sandbox, narrow, read_frame, write_frame};

/// Why a server has ended before its input did.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The client sent what no client of Veilbeat sends.
    #[error("{0}; the connection was ended")]
    Frame(FrameError),
    /// What was sent could not be kept.
    #[error("{0}; the connection was ended")]
    Store(#[from] StoreError),
    /// A thread could not start.
    #[error("could not start a thread ({0})")]
    Thread(std::io::Error),
}

/// Serves one client until its input ends. Returns how many sheets are held then, and their bytes.
pub fn serve(
    mut input: impl Read + Send + 'static,
    mut output: impl Write + Send + 'static,
    store: (Option<StoreFile>, Store),
    limits: Limits,
    sandbox: Sandbox,
) -> Result<(u32, u64), ServeError> {
    let (client, server) = narrow();
    let (requests, replies) = client.into_halves();
    let broken: Arc<Mutex<Option<FrameError>>> = Arc::default();
    let found = Arc::clone(&broken);
    let most = limits.largest_frame();
    // It may wait for its input for ever, so nobody waits for it.
    let _: JoinHandle<()> = Builder::new()
        .name("veilbeat-input".into())
        .spawn(move || {
            loop {
                match read_frame(&mut input, most) {
                    Ok(Some(frame)) => {
                        if requests.send(frame).is_err() {
                            return;
                        }
                    }
                    Ok(None) => return,
                    Err(error) => {
                        *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        return;
                    }
                }
            }
        })
        .map_err(ServeError::Thread)?;
    let writer = Builder::new()
        .name("veilbeat-output".into())
        .spawn(move || {
            // An output that is closed ends the server with its next reply.
            while let Ok(frame) = replies.recv() {
                if write_frame(&mut output, &frame).and_then(|()| output.flush()).is_err() {
                    return;
                }
            }
        })
        .map_err(ServeError::Thread)?;
    let mut worker = Worker::new(store, limits, sandbox);
    let end = serve_frames(&server, |frame, link| worker.handle(&frame, link));
    drop(server);
    let committed = worker.commit();
    // A panic in there was printed, and means no more than that nothing was written.
    let _ = writer.join();
    if let Err(End::Store(error)) = end {
        return Err(error.into());
    }
    committed?;
    match broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(ServeError::Frame(error)),
        None => Ok(worker.size()),
    }
}
