//! The public mathematics: everything that can be computed without a key.
//!
//! A *sheet* holds a week. Each of its *columns* is a packed GLWE ciphertext: a mask of `k`
//! polynomials, sent as a 16-byte seed, and a body of one 6-byte word a *slot*. A server *folds* a
//! packed ciphertext, so that the slots of each hour become their sum, and adds folded ciphertexts,
//! with their *tags*, over the sheets that a question names.
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
pub use capacity::{MAX_SHEETS, MOST_MESSAGE, exact_sheets};
pub use column::{Column, ColumnSet, Fold};
pub use fold::{Folder, fold_body, fold_words};
pub use mask::{MaskSeed, expand_mask};
pub use params::{DELTA_LOG2, DROPPED_BITS, MESSAGE_BITS, N, NOISE_BOUND_LOG2, ParameterSet, SLOT_BYTES, decode};
pub use sum::{LIMB_SUM_BITS, LimbSums, WORD_SUM_BYTES};
pub use tag::{LANES, P, TAG_BYTES, Tag};
