//! Giving up what a process does not need, where the system can enforce it.

/// What of the file system the process has given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilesGivenUp {
    /// Nothing: the system cannot enforce it.
    None,
    /// What the system knows how to enforce.
    Some,
    /// All of it: what is open stays open, and nothing else can be opened.
    All,
}

/// What holds for the process from now on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GivenUp {
    /// It can gain no privileges by starting other programs.
    pub privileges: bool,
    /// Other processes of the same user cannot look into it.
    pub dumps: bool,
    /// The files that it can open.
    pub files: FilesGivenUp,
}

/// Gives up new privileges, dumps, all files and sockets that are not open yet, and signals to other programs. For the
/// calling thread and those that it starts from now on: called before there are others.
pub fn give_up_everything() -> GivenUp {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        super::forbid_looking_in();
        let dumps = matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        let privileges = rustix::thread::set_no_new_privs(true).is_ok();
        let files = restrict().map_or(FilesGivenUp::None, |status| match status {
            landlock::RulesetStatus::FullyEnforced => FilesGivenUp::All,
            landlock::RulesetStatus::PartiallyEnforced => FilesGivenUp::Some,
            landlock::RulesetStatus::NotEnforced => FilesGivenUp::None,
        });
        GivenUp { privileges, dumps, files }
    }
    #[cfg(not(target_os = "linux"))]
    GivenUp { privileges: false, dumps: false, files: FilesGivenUp::None }
}

/// Landlock without a single rule: nothing is allowed.
#[cfg(target_os = "linux")]
fn restrict() -> Result<landlock::RulesetStatus, landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};
    // The newest rules that the crate knows; what the kernel does not know is left out, and the status says so.
    let newest = ABI::V6;
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?;
    Ok(ruleset.create()?.restrict_self()?.ruleset)
}
