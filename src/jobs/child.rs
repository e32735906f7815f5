//! A server that is another program: started, spoken to on its standard input and output, and ended.

use std::collections::VecDeque;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::protocol::{ClientEnd, LineFault, over_streams};

/// How long a program may take to end by itself once its input has ended.
const GRACE: Duration = Duration::from_secs(3);
/// Lines of its standard error that are kept.
const MOST_LINES: usize = 4;
/// Bytes of a line that are kept.
const MOST_LINE_BYTES: usize = 240;

/// A program that serves, and what it said of itself.
pub(super) struct ServerProgram {
    child: Child,
    said: LastLines,
    fault: LineFault,
}

/// The last lines of what a program wrote.
#[derive(Clone, Default)]
struct LastLines(Arc<Mutex<VecDeque<String>>>);

impl ServerProgram {
    /// Starts a program; its own words if it cannot be started.
    pub(super) fn start(mut command: Command) -> Result<(ClientEnd, Self), String> {
        let program = command.get_program().to_string_lossy().into_owned();
        let could_not = |error| format!("could not start {program} ({error})");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(could_not)?;
        let streams = child.stdin.take().zip(child.stdout.take()).zip(child.stderr.take());
        let Some(((input, output), errors)) = streams else { return Err(format!("could not speak to {program}")) };
        let said = LastLines::default();
        let keeper = said.clone();
        let (end, fault) = over_streams(output, input).map_err(could_not)?;
        // Another program may have inherited it and never close it: nobody waits for this thread.
        let listening = std::thread::Builder::new().name("veilbeat-said".into()).spawn(move || keeper.listen(errors));
        listening.map_err(could_not)?;
        Ok((end, Self { child, said, fault }))
    }

    /// What became of it, in words, for a sentence about a connection that has ended.
    pub(super) fn last_words(&mut self) -> String {
        let mut words = match self.fault.words() {
            Some(fault) => fault,
            None => match self.ended_within(Duration::from_millis(500)) {
                Some(status) => format!("the server's program has ended ({status})"),
                None => "the server's program does not answer".to_owned(),
            },
        };
        // What it wrote last may still be on its way.
        std::thread::sleep(Duration::from_millis(30));
        let said = self.said.lines();
        if !said.is_empty() {
            words = format!("{words}. It said: “{}”", said.join(" / "));
        }
        words
    }

    fn ended_within(&mut self, wait: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if started.elapsed() < wait => std::thread::sleep(Duration::from_millis(5)),
                _ => return None,
            }
        }
    }
}

impl Drop for ServerProgram {
    /// The client's end is dropped first, and with it the program's input.
    fn drop(&mut self) {
        if self.ended_within(GRACE).is_none() {
            // What fails here has ended in the meantime.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl LastLines {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Keeps the last lines of a stream, without what would be no text.
    fn listen(&self, mut stream: impl Read) {
        let (mut buffer, mut line) = ([0; 1024], Vec::new());
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            for &byte in &buffer[..read] {
                if byte == b'\n' || byte == b'\r' {
                    self.keep(&line);
                    line.clear();
                } else if line.len() < MOST_LINE_BYTES {
                    line.push(byte);
                }
            }
        }
        self.keep(&line);
    }

    fn keep(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        if !text.is_empty() {
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == MOST_LINES {
                lines.pop_front();
            }
            lines.push_back(text);
        }
    }
}
