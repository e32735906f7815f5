//! The same server on files: a question about a bundle becomes an answer.
//!
//! Sums are independent of each other: they are worked on side by side, some at a time, and written in
//! their order, so that neither memory nor the result depends on their number or that of the threads.

use std::io::{self, Write};
use std::ops::ControlFlow;

use rayon::prelude::*;

use super::store::{Adder, check};
use crate::protocol::files::{AnswerHeader, AnswerWriter, Bundle, FileError, QuestionFile};
use crate::protocol::{Refusal, Refused, SumQuestion};
use crate::scheme::LimbSums;

/// Sums worked on between two checks whether to stop.
const TOGETHER: usize = 64;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ComputeError {
    /// The bundle cannot be read.
    #[error("the bundle {0}")]
    Bundle(#[from] FileError),
    /// The answer cannot be written.
    #[error("the answer could not be written ({0})")]
    Write(io::Error),
    /// The question is about another bundle.
    #[error("the question is about another bundle (export {question}; this is {bundle})")]
    OtherBundle {
        /// The export that it is about.
        question: crate::protocol::files::ExportId,
        /// The export that this is.
        bundle: crate::protocol::files::ExportId,
    },
    /// The question is about a bundle of another key.
    #[error("the question is about a bundle of another key ({question}; this is {bundle})")]
    OtherKey {
        /// The key that it is about.
        question: crate::protocol::KeyId,
        /// The key of this bundle.
        bundle: crate::protocol::KeyId,
    },
    /// The question does not fit the bundle that it names.
    #[error("the question was changed: its parameters or number of sheets differ from its bundle's")]
    Changed,
    /// A sum must not be answered.
    #[error("sum {number} of the question cannot be answered: {refusal}")]
    Refused {
        /// Its number, from 1.
        number: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The person stopped it.
    #[error("stopped; nothing was written")]
    Stopped,
}

/// The cost of an answer, known before any of it is worked on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Sums.
    pub sums: u64,
    /// Ciphertexts that are added for them.
    pub ciphertexts: u64,
    /// Bytes of the answer's file.
    pub bytes: u64,
}

impl Cost {
    /// The cost of the answer to a question.
    pub fn of(question: &QuestionFile) -> Self {
        let ranges = question.sums.iter().flat_map(|sum| &sum.ranges);
        Self {
            sums: question.sums.len() as u64,
            ciphertexts: ranges.map(|range| u64::from(range.count)).sum(),
            bytes: question.answer_bytes(),
        }
    }
}

/// Answers a question about a bundle. `digest` is the hash of the question's text. `progress` hears how many sums are done, of how many.
pub fn compute(
    bundle: &Bundle,
    question: &QuestionFile,
    digest: [u8; 32],
    out: impl Write,
    progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<(), ComputeError> {
    let header = bundle.header();
    if question.key != header.key {
        return Err(ComputeError::OtherKey { question: question.key, bundle: header.key });
    }
    let fits = (question.parameters, question.sheets) == (header.sheet.parameters, bundle.sheets());
    if !fits && question.export == header.export {
        return Err(ComputeError::Changed);
    }
    if question.export != header.export {
        return Err(ComputeError::OtherBundle { question: question.export, bundle: header.export });
    }
    // All of them before any is worked on: nothing is computed for a question that cannot be answered.
    for (number, sum) in (1..).zip(&question.sums) {
        if let Err(Refused { refusal, .. }) = check(sum, |id| bundle.sheet(id)) {
            return Err(ComputeError::Refused { number, refusal });
        }
        if number % 1024 == 0 && progress(0, question.sums.len()).is_break() {
            return Err(ComputeError::Stopped);
        }
    }
    let answer = AnswerHeader {
        key: header.key,
        export: header.export,
        question: digest,
        parameters: header.sheet.parameters,
        sums: question.sums.len() as u64,
    };
    let mut writer = AnswerWriter::new(out, answer).map_err(ComputeError::Write)?;
    let mut done = 0;
    for sums in question.sums.chunks(TOGETHER) {
        if progress(done, question.sums.len()).is_break() {
            return Err(ComputeError::Stopped);
        }
        let worked: Vec<_> = sums
            .par_iter()
            .map_init(SumWorker::default, |worker, sum| worker.sum(bundle, sum))
            .collect::<Result<_, _>>()?;
        for (question, sums) in sums.iter().zip(&worked) {
            writer.sum(question.column, sums).map_err(ComputeError::Write)?;
        }
        done += sums.len();
    }
    writer.finish().and_then(|mut out| out.flush()).map_err(ComputeError::Write)
}

/// The adder and the buffer of one thread.
#[derive(Default)]
struct SumWorker {
    adder: Adder,
    body: Vec<u8>,
}

impl SumWorker {
    fn sum(&mut self, bundle: &Bundle, question: &SumQuestion) -> Result<LimbSums, FileError> {
        let (parameters, column) = (bundle.header().sheet.parameters, question.column);
        let mut sums = LimbSums::zero(column.sum_words(parameters));
        for id in question.ranges.iter().flat_map(|range| range.ids()) {
            let view = bundle.column(id, column, &mut self.body)?;
            self.adder.add(parameters, column, view, &mut sums);
        }
        Ok(sums)
    }
}
