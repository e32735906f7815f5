//! Which server a person uses: one of three kinds, and the command of the last.

use std::collections::BTreeMap;

use ron::Value;

/// Where the server is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ServerKind {
    /// A thread of this program.
    #[default]
    Thread,
    /// A process of its own on this computer.
    Process,
    /// Whatever a command starts, such as a program on another computer.
    Command,
}

impl ServerKind {
    /// Every choice, the default first.
    pub const ALL: [Self; 3] = [Self::Thread, Self::Process, Self::Command];

    /// The name in the file.
    const fn name(self) -> &'static str {
        match self {
            Self::Thread => "thread",
            Self::Process => "process",
            Self::Command => "command",
        }
    }

    /// The choice in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Thread => "A part of this program",
            Self::Process => "A program of its own on this computer",
            Self::Command => "What a command starts, such as ssh",
        }
    }
}

/// The server that a person has chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerSettings {
    /// Where it is.
    pub kind: ServerKind,
    /// The command, kept while another kind is chosen.
    pub command: String,
}

impl ServerSettings {
    /// The server that a command starts.
    pub fn command(command: &str) -> Self {
        Self { kind: ServerKind::Command, command: command.to_owned() }
    }

    pub(super) fn take_from(entries: &mut BTreeMap<String, Value>) -> Self {
        let text = |name: &str| match entries.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let kind = text("server").and_then(|name| ServerKind::ALL.into_iter().find(|kind| kind.name() == name));
        let command = text("server command");
        if kind.is_some() {
            entries.remove("server");
        }
        if command.is_some() {
            entries.remove("server command");
        }
        Self { kind: kind.unwrap_or_default(), command: command.unwrap_or_default() }
    }

    pub(super) fn put_into(&self, entries: &mut BTreeMap<String, Value>) {
        // A choice that only another version knows stays, until another one is made here.
        if self.kind != ServerKind::default() || !entries.contains_key("server") {
            entries.insert("server".into(), Value::String(self.kind.name().into()));
        }
        if !self.command.is_empty() {
            entries.insert("server command".into(), Value::String(self.command.clone()));
        }
    }
}
