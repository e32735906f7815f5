//! What a process is allowed: files, threads, and who may look into it.

/// Lets this process have as many files open as the system allows.
pub fn allow_many_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // Without it, what needs many files says that there are too many.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Forbids core files: a crash must not write keys to disk.
pub fn forbid_core_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Lowering one's own limit cannot fail; where it did, the worst is a core file.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// Forbids other processes of the same person to look into this one, and piped core handlers, which a limit does not
/// stop.
pub fn forbid_looking_in() {
    looking_in(false);
}

/// Lets other processes of the same person look into this one while `work` is done: the desktop portal that shows file
/// dialogs has to look who asks.
pub fn seen_during<T>(work: impl FnOnce() -> T) -> T {
    use std::sync::{Mutex, PoisonError};
    // Two dialogs may be open at once: the last one that ends closes the door.
    static OPEN: Mutex<usize> = Mutex::new(0);
    /// Counts down, whatever became of the work.
    struct Door;
    impl Drop for Door {
        fn drop(&mut self) {
            let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
            *open -= 1;
            looking_in(*open > 0);
        }
    }
    let door = {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        *open += 1;
        looking_in(true);
        Door
    };
    let done = work();
    drop(door);
    done
}

fn looking_in(allowed: bool) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let behaviour = if allowed { DumpableBehavior::Dumpable } else { DumpableBehavior::NotDumpable };
        // What fails here leaves the process as it was.
        let _ = set_dumpable_behavior(behaviour);
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = allowed;
}

/// Lets a file that grows beyond what this process may write end in an error, which can be told, and not in a signal
/// that ends the process.
pub fn survive_file_limit() {
    #[cfg(unix)]
    {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;
        // What the signal sets is never looked at: the write that caused it fails too.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}

/// Starts the threads that work is shared among, or says that the system gives none: later that would be a panic.
pub fn start_threads() -> std::io::Result<()> {
    rayon::ThreadPoolBuilder::new().build_global().map_err(std::io::Error::other)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    #[test]
    fn others_look_in_only_while_a_dialog_is_open() {
        let is_open = || dumpable_behavior().unwrap() == DumpableBehavior::Dumpable;
        forbid_looking_in();
        assert!(!is_open());
        seen_during(|| {
            seen_during(|| assert!(is_open()));
            assert!(is_open(), "the other dialog is still there");
        });
        assert!(!is_open());
        let died = super::super::caught(|| seen_during(|| panic!("a dialog that dies")));
        assert!(died.is_none() && !is_open());
        looking_in(true);
    }
}
