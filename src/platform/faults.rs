//! Where a test makes a file operation fail, or kills the process before it.
//!
//! Every operation on a profile's files asks here first. Outside of tests the answer is always yes,
//! and costs nothing.

use std::io;

#[cfg(not(test))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "in tests it can fail")]
pub(crate) fn before_operation() -> io::Result<()> {
    Ok(())
}

/// Tells a test how many bytes are read from a store.
#[cfg(not(test))]
#[inline]
pub(crate) fn count_read(_bytes: usize) {}

#[cfg(test)]
pub(crate) use plan::{Plan, before_operation, count_read, follow, read_so_far};

#[cfg(test)]
mod plan {
    use super::io;
    use std::cell::Cell;

    /// The plan for the file operations of a thread, counted from zero.
    #[derive(Clone, Copy)]
    pub(crate) enum Plan {
        /// All are done, and counted.
        Count(usize),
        /// The process dies before the one of this number.
        Kill(usize),
        /// Those from the first number to before the second fail, as on a full disk.
        Fail(usize, usize, usize),
    }

    thread_local!(static PLAN: Cell<Plan> = const { Cell::new(Plan::Count(0)) });

    thread_local!(static READ: Cell<usize> = const { Cell::new(0) });

    pub(crate) fn count_read(bytes: usize) {
        READ.set(READ.get() + bytes);
    }

    /// How many bytes this thread has read from stores.
    pub(crate) fn read_so_far() -> usize {
        READ.get()
    }

    /// Follows a plan from now on; returns what was left of the one before.
    pub(crate) fn follow(plan: Plan) -> Plan {
        PLAN.replace(plan)
    }

    pub(crate) fn before_operation() -> io::Result<()> {
        PLAN.with(|plan| match plan.get() {
            Plan::Count(done) => {
                plan.set(Plan::Count(done + 1));
                Ok(())
            }
            Plan::Kill(0) => {
                let me = rustix::process::getpid();
                let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
                loop {
                    std::thread::park();
                }
            }
            Plan::Kill(left) => {
                plan.set(Plan::Kill(left - 1));
                Ok(())
            }
            Plan::Fail(done, from, to) => {
                plan.set(Plan::Fail(done + 1, from, to));
                if (from..to).contains(&done) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            }
        })
    }
}
