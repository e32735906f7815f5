//! The session's way to its server: begun, lost, begun again, tested.

use super::event::{Event, ServerFacts};
use super::worker::{Open, Worker};
use crate::client::{AskError, CancelToken, Client, MasterKey, Observer, SchemeKey};
use crate::jobs::Line;
use crate::vault::Vault;

impl Open {
    /// Notes that a question failed; returns why, in words.
    pub(super) fn failed(&mut self, error: &AskError) -> String {
        let sentence = self.line.explain(error);
        if self.line.is_lost(error) {
            self.lost = true;
            self.trouble = Some(sentence.clone());
        }
        sentence
    }

    /// Keeps the client's record of what the server holds, if it has changed.
    pub(super) fn remember(&mut self) {
        if let Some(record) = self.client.take_record() {
            // An older record costs an upload and nothing else; what is wrong with the disk shows with the next change.
            let _ = self.vault.remember_held(&record);
        }
    }
}

impl Worker<'_> {
    /// A client for a key, and its way to the server.
    pub(super) fn start_client(&self, key: &MasterKey, vault: &Vault) -> (Client, Line) {
        let connection = (self.connect)(&self.settings.server);
        let key = SchemeKey::derive(key, self.settings.parameters);
        connection.client(key, self.settings.weighting, vault.held(), Some(self.log.clone()))
    }

    /// Reaches the server again if the way to it was lost.
    pub(super) fn reach_again(&mut self) {
        if self.open.as_ref().is_some_and(|open| open.lost) {
            self.reconnect();
        }
    }

    /// Lets a new connection take the place of the one that there is.
    pub(super) fn reconnect(&mut self) {
        let Some(Open { key, vault, client, line, .. }) = self.open.take() else { return };
        // The old server has ended before the new one opens the same store.
        drop(client);
        line.wait();
        let (client, line) = self.start_client(&key, &vault);
        self.open = Some(Open { key, vault, client, line, lost: false, trouble: None });
    }

    pub(super) fn tell_server(&self) {
        let Some(open) = &self.open else { return };
        let facts =
            ServerFacts { kind: self.settings.server.kind, peer: open.client.peer(), trouble: open.trouble.clone() };
        self.events.send(Event::Server(Box::new(facts)));
    }

    /// Reaches the server anew, and says who it is.
    pub(super) fn test_server(&mut self, cancel: CancelToken) {
        self.reconnect();
        self.with_server(cancel, |client, watch| client.meet(watch).map(|_| ()));
    }

    /// Lets the server forget everything.
    pub(super) fn forget_server(&mut self, cancel: CancelToken) {
        self.reach_again();
        self.with_server(cancel, Client::forget_everything);
        self.answered = None;
    }

    fn with_server(
        &mut self,
        cancel: CancelToken,
        work: impl FnOnce(&mut Client, &mut Observer) -> Result<(), AskError>,
    ) {
        let Some(open) = &mut self.open else { return };
        let mut watch = Observer { cancel, ..Observer::default() };
        match work(&mut open.client, &mut watch) {
            Ok(()) => open.trouble = None,
            Err(AskError::Stopped) => {}
            Err(error) => self.events.send(Event::Failed(open.failed(&error))),
        }
        open.remember();
        self.events.send(Event::Inventory(open.client.inventory()));
        self.tell_server();
    }
}
