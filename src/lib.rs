//! Veilbeat: heart-rate averages, computed by a machine that cannot read a single reading.
//!
//! An average is a sum, and a sum of ciphertexts is a ciphertext of the sum. A client encrypts readings a week at a
//! time under a key of its own; a server adds what it was sent, without a key; the client checks each sum's tag, and
//! only then decrypts it. Nothing is approximate: the mean is the quotient of exact integers.
//!
//! ```
//! use veilbeat::client::{Client, MasterKey, Observer, ParameterSet, SchemeKey};
//! use veilbeat::reading::{Rate, Reading, Readings, Step};
//! use veilbeat::statistics::{Detail, ReportRequest, Weighting};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rates = [7_250, 7_100, 7_320].into_iter().filter_map(Rate::from_centi_bpm);
//! let readings = Readings::from_list((0..).zip(rates).map(|(i, rate)| Reading::sample(i * 300_000, rate)));
//!
//! let (end, _server) = veilbeat::server::spawn()?;
//! let key = SchemeKey::derive(&MasterKey::generate()?, ParameterSet::Standard);
//! let mut client = Client::new(key, end, Weighting::Readings);
//!
//! let request = ReportRequest::all(Step::Day, Detail::Averages).weighted_by(Weighting::Readings);
//! let answered = client.report(&readings, &request, &mut Observer::default())?.ok_or("no readings")?;
//! assert_eq!(answered.report.overall.mean_bpm(), Some((7_250 + 7_100 + 7_320) as f64 / 300.0));
//! # Ok(())
//! # }
//! ```
//!
//! The words are in `docs/GLOSSARY.md`, the road from file to screen in `docs/ARCHITECTURE.md`. [`reading`] is the domain,
//! [`import`] reads files, [`client`] and [`server`] are the two sides, [`protocol`] is what passes between them,
//! [`scheme`] the mathematics of both, [`statistics`] what sums tell, [`vault`] what is kept on disk.

#[doc(hidden)]
pub mod cli;
pub mod client;
mod fields;
pub mod import;
#[doc(hidden)]
pub mod jobs;
#[doc(hidden)]
pub mod platform;
pub mod protocol;
pub mod reading;
pub mod scheme;
pub mod server;
#[doc(hidden)]
pub mod session;
pub mod statistics;
#[cfg(feature = "window")]
#[doc(hidden)]
pub mod ui;
pub mod vault;
