//! How a session reaches a server: whoever starts it decides.

use std::path::Path;
use std::process::Command;

use super::child::ServerProgram;
use crate::client::{AskError, Client, HeldRecord, SchemeKey};
use crate::protocol::{ClientEnd, Log};
use crate::server::{self, Server};
use crate::statistics::Weighting;
use crate::vault::{ServerKind, ServerSettings};

/// Connects to the server that settings name. Always succeeds: a server that cannot be reached says why as soon as
/// it is asked.
pub type Connect = Box<dyn Fn(&ServerSettings) -> Connection + Send>;

/// A connection to a server, not used yet.
pub struct Connection {
    end: ClientEnd,
    line: Line,
}

/// What is at the other end.
enum Far {
    Thread(Option<Server>),
    Program(ServerProgram),
    /// Nothing, and why.
    Nowhere(String),
}

/// The far side of a connection, kept as long as it is used. Dropped, or waited for, after its client.
pub struct Line(Far);

impl Line {
    /// Waits until the server has ended, which it does once the client of the connection is dropped.
    pub fn wait(mut self) {
        if let Far::Thread(server) = &mut self.0
            && let Some(server) = server.take()
        {
            server.join();
        }
    }

    /// Whether the connection is of no use after this error, so that the next question needs another one.
    pub fn is_lost(&self, error: &AskError) -> bool {
        match self.0 {
            Far::Thread(_) => matches!(error, AskError::Disconnected(_)),
            Far::Program(_) | Far::Nowhere(_) => matches!(
                error,
                AskError::Disconnected(_) | AskError::Silent(_) | AskError::Malformed(_) | AskError::OtherProtocol(_)
            ),
        }
    }

    /// Says why a question has no answer, with what the other side said.
    pub fn explain(&mut self, error: &AskError) -> String {
        const REST: &str = "Your readings are safe; try again, or use this computer instead";
        let gone = matches!(error, AskError::Disconnected(_) | AskError::Silent(_));
        match &mut self.0 {
            Far::Thread(_) => error.to_string(),
            Far::Nowhere(why) => format!("{why}. {REST}"),
            Far::Program(_) if matches!(error, AskError::Malformed(_)) => {
                format!("what came back does not follow the format; it was not used. {REST}")
            }
            Far::Program(_) if !gone => error.to_string(),
            Far::Program(program) => {
                let silent = match error {
                    AskError::Silent(silence) => format!(" within {} seconds", silence.as_secs()),
                    _ => String::new(),
                };
                format!("the server could not answer{silent}: {}. {REST}", program.last_words())
            }
        }
    }
}

impl Connection {
    /// A connection to something in this program that ends by itself once its client is gone.
    pub fn to_end(end: ClientEnd) -> Self {
        Self { end, line: Line(Far::Thread(None)) }
    }

    fn nowhere(why: String) -> Self {
        Self { end: crate::protocol::connect().0, line: Line(Far::Nowhere(why)) }
    }

    fn program(command: Command) -> Self {
        match ServerProgram::start(command) {
            Ok((end, program)) => Self { end, line: Line(Far::Program(program)) },
            Err(why) => Self::nowhere(why),
        }
    }

    /// Makes a client at this end. `record` is what it remembers of the store that it used last.
    pub fn client(
        self,
        key: SchemeKey,
        weighting: Weighting,
        record: Option<HeldRecord>,
        log: Option<Log>,
    ) -> (Client, Line) {
        let Self { end, line } = self;
        let end = match log {
            Some(log) => end.recorded_in(log),
            None => end,
        };
        let client = match line.0 {
            Far::Thread(_) => Client::new(key, end, weighting),
            Far::Program(_) | Far::Nowhere(_) => Client::remembering(key, end, weighting, record),
        };
        (client, line)
    }
}

/// Connects to a server that is a thread of this program, whatever the settings say.
pub fn server_thread(_: &ServerSettings) -> Connection {
    match server::spawn() {
        Ok((end, server)) => Connection { end, line: Line(Far::Thread(Some(server))) },
        Err(error) => Connection::nowhere(format!("could not start the server thread ({error})")),
    }
}

/// Connects to the server that settings name; `program` is this program's own file.
pub fn connect_to(settings: &ServerSettings, program: &Path) -> Connection {
    match settings.kind {
        ServerKind::Thread => server_thread(settings),
        ServerKind::Process => {
            let mut command = Command::new(program);
            command.arg("serve");
            Connection::program(command)
        }
        ServerKind::Command => match words_of(&settings.command) {
            Ok(words) => {
                let mut command = Command::new(&words[0]);
                command.args(&words[1..]);
                Connection::program(command)
            }
            Err(why) => Connection::nowhere(why),
        },
    }
}

/// Connects as settings say, for a program that runs from its own file.
pub fn connect(settings: &ServerSettings) -> Connection {
    match std::env::current_exe() {
        Ok(program) => connect_to(settings, &program),
        Err(error) => Connection::nowhere(format!("could not find this program's own file ({error})")),
    }
}

/// The words of a command, quoted as in a shell; no shell ever sees them.
fn words_of(command: &str) -> Result<Vec<String>, String> {
    match shlex::split(command) {
        Some(words) if !words.is_empty() => Ok(words),
        Some(_) => Err("there is no command for the server yet".to_owned()),
        None => Err(format!("the command for the server has a quotation mark without its other half: {command}")),
    }
}

#[cfg(test)]
mod tests {
    use super::words_of;

    #[test]
    fn a_command_is_split_as_words_and_nothing_of_it_is_expanded() {
        let words = words_of("ssh -T nas \"veilbeat serve\" --store 'my heart' $HOME; rm *").unwrap();
        assert_eq!(words, ["ssh", "-T", "nas", "veilbeat serve", "--store", "my heart", "$HOME;", "rm", "*"]);
        assert!(words_of("  ").is_err() && words_of("ssh 'nas").is_err());
    }
}
