//! A client's end of a connection whose other end is beyond two streams of bytes.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

use super::connection::{ClientEnd, narrow};
use super::framing::{FrameError, largest_reply, read_frame, write_frame};

/// What was wrong with the bytes that came, once something was.
#[derive(Clone, Default)]
pub struct LineFault(Arc<Mutex<Option<FrameError>>>);

impl LineFault {
    fn set(&self, error: FrameError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// The fault in words.
    pub fn words(&self) -> Option<String> {
        let fault = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match fault.as_ref()? {
            FrameError::TooLarge { start, .. } if start.iter().all(|&byte| (b' '..0x7f).contains(&byte)) => {
                let text = String::from_utf8_lossy(start);
                Some(format!("what came back is not from a Veilbeat server: it began with “{text}…”"))
            }
            error => Some(error.to_string()),
        }
    }
}

/// Carries frames to `output` and from `input`, on a thread each, until the client's end is dropped or a stream ends.
pub fn over_streams(
    mut input: impl Read + Send + 'static,
    mut output: impl Write + Send + 'static,
) -> io::Result<(ClientEnd, LineFault)> {
    let (client, server) = narrow();
    let (requests, replies) = server.into_halves();
    let fault = LineFault::default();
    let found = fault.clone();
    Builder::new().name("veilbeat-to-server".into()).spawn(move || {
        // The end of the output tells the server that the client is gone.
        while let Ok(frame) = requests.recv() {
            if write_frame(&mut output, &frame).and_then(|()| output.flush()).is_err() {
                return;
            }
        }
    })?;
    Builder::new().name("veilbeat-from-server".into()).spawn(move || {
        let most = largest_reply();
        loop {
            match read_frame(&mut input, most) {
                Ok(Some(frame)) => {
                    if replies.send(frame).is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => return found.set(error),
            }
        }
    })?;
    Ok((client, fault))
}
