//! One bit of an answer changed on its way to the client, for people who want to see whether it is noticed.

use std::cell::Cell;

use super::Reply;
use super::explain::FrameKind;

/// A bit that was changed in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlippedBit {
    /// The number of the frame in the log, if there is one.
    pub message: Option<u64>,
    /// The place of the byte in the frame.
    pub at: usize,
    /// The bit of the byte, 0 for the lowest.
    pub bit: u8,
    /// The byte as the server sent it.
    pub sent: u8,
    /// Bytes of the frame.
    pub len: usize,
}

impl FlippedBit {
    /// The byte as it arrived.
    pub const fn arrived(self) -> u8 {
        self.sent ^ (1 << self.bit)
    }
}

/// The change that waits for the next answer, and the one that was made last.
#[derive(Default)]
pub(super) struct Tamper {
    wanted: Cell<Option<u64>>,
    done: Cell<Option<FlippedBit>>,
}

impl Tamper {
    /// Wants the next answer changed: of the bits of its sum, the one that `place` stands for.
    pub(super) fn want(&self, place: u64) {
        self.wanted.set(Some(place));
        self.done.set(None);
    }

    /// Changes a frame if that is wanted and it is an answer. The number of its request stays, so that it is still
    /// taken for the answer to its question.
    pub(super) fn pass(&self, frame: &mut [u8]) {
        let bits = frame.len().saturating_sub(Reply::ANSWER_HEADER_BYTES) as u64 * 8;
        if FrameKind::of(frame) != FrameKind::Answer || bits == 0 {
            return;
        }
        let Some(place) = self.wanted.take() else { return };
        let (byte, bit) = ((place % bits / 8) as usize, (place % 8) as u8);
        let (at, len) = (Reply::ANSWER_HEADER_BYTES + byte, frame.len());
        self.done.set(Some(FlippedBit { message: None, at, bit, sent: frame[at], len }));
        frame[at] ^= 1 << bit;
    }

    /// Notes the number in the log of the frame that passed last.
    pub(super) fn logged(&self, number: u64) {
        if let Some(done) = self.done.get().filter(|done| done.message.is_none()) {
            self.done.set(Some(FlippedBit { message: Some(number), ..done }));
        }
    }

    /// The change that was made, if one was. Wants none any more.
    pub(super) fn take(&self) -> Option<FlippedBit> {
        self.wanted.set(None);
        self.done.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Progress, RequestId};

    #[test]
    fn one_bit_of_the_next_answer_is_changed_and_nothing_else() {
        let tamper = Tamper::default();
        let answer = |byte| [&Reply::answer(RequestId(3), 1, 4)[..], &[byte; 4]].concat();
        let mut progress = Progress { request: RequestId(3), done: 0, total: 1, nanos: 0 }.to_frame();
        let before = progress.clone();
        tamper.want(13);
        tamper.pass(&mut progress);
        assert_eq!(progress, before, "it is no answer");
        let mut frame = answer(0xff);
        tamper.pass(&mut frame);
        tamper.logged(7);
        tamper.logged(8);
        let flipped = FlippedBit { message: Some(7), at: 10, bit: 5, sent: 0xff, len: 13 };
        assert_eq!((tamper.take(), flipped.arrived()), (Some(flipped), 0xdf));
        assert_eq!(frame, [&answer(0xff)[..10], &[0xdf, 0xff, 0xff]].concat());
        let mut next = answer(0x11);
        tamper.pass(&mut next);
        assert_eq!((next, tamper.take()), (answer(0x11), None));
        // Whatever the number, the header stays.
        for place in [0, 31, 32, u64::MAX] {
            tamper.want(place);
            let mut frame = answer(0);
            tamper.pass(&mut frame);
            assert_eq!(frame[..9], answer(0)[..9]);
            assert_eq!(
                frame.iter().map(|byte| byte.count_ones()).sum::<u32>(),
                answer(0).iter().map(|byte| byte.count_ones()).sum::<u32>() + 1
            );
        }
    }
}
