//! The public mathematics: everything that can be computed without a key.
//!
//! A *chunk* holds the readings of one local hour. Each of its *columns* is a packed GLWE
//! ciphertext: a mask of `k` polynomials, sent as a 16-byte seed, and a body of one 6-byte word a
//! *slot*. A server *folds* a packed ciphertext into the LWE ciphertext of the sum of its slots,
//! and adds such ciphertexts, with their *tags*, over the chunks that a question names.
//!
//! Nothing in here knows a secret, a time or a rate. `docs/ARCHITECTURE.md` has the whole road.

mod body;
mod capacity;
mod column;
mod fold;
mod mask;
mod params;
mod sum;
mod tag;

pub use body::{read_slot, round_body, slot_bytes};
pub use capacity::{Capacity, MAX_SLOTS, OverCapacity};
pub use column::{Column, ColumnSet};
pub use fold::{Folder, fold_body};
pub use mask::{MaskSeed, expand_mask};
pub(crate) use params::is_padded_len;
pub use params::{
    DELTA_LOG2, DROPPED_BITS, HISTOGRAM_SLOTS, MESSAGE_BITS, N, NOISE_BOUND_LOG2, Profile, SLOT_BYTES, decode,
    padded_len,
};
pub use sum::{LIMB_SUM_BITS, LimbSums, WORD_SUM_BYTES};
pub use tag::{LANES, P, TAG_BYTES, Tag};
