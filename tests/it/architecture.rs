//! The rules of docs/ARCHITECTURE.md, read off the sources.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// A file's code, without its tests and comments.
fn code(path: &Path) -> String {
    if path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs") {
        return String::new();
    }
    let text = fs::read_to_string(path).unwrap();
    let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether code names `path`, and not just a longer word that starts with it.
fn names(code: &str, path: &str) -> bool {
    code.match_indices(path)
        .any(|(at, _)| !code[at + path.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

/// The files of a folder, and the modules of ours that their code names.
fn named(folder: &str) -> Vec<(PathBuf, String)> {
    const MODULES: [&str; 13] = [
        "cli",
        "client",
        "import",
        "jobs",
        "platform",
        "protocol",
        "reading",
        "scheme",
        "server",
        "session",
        "statistics",
        "ui",
        "vault",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut found = Vec::new();
    for file in sources(&root) {
        let code = code(&file);
        for module in MODULES.into_iter().filter(|&module| module != folder) {
            if names(&code, &format!("crate::{module}")) || names(&code, &format!("veilbeat::{module}")) {
                found.push((file.clone(), module.to_owned()));
            }
        }
    }
    found
}

fn may_use(folder: &str, allowed: &[&str]) {
    for (file, module) in named(folder) {
        assert!(allowed.contains(&module.as_str()), "{} names crate::{module}", file.display());
    }
}

#[test]
fn the_public_side_names_nothing_of_the_secret_side() {
    may_use("scheme", &[]);
    may_use("protocol", &["scheme", "platform"]);
    may_use("server", &["scheme", "protocol", "platform"]);
}

#[test]
fn data_flows_one_way() {
    may_use("reading", &[]);
    may_use("import", &["reading"]);
    may_use("statistics", &["reading"]);
    may_use("vault", &["reading", "client", "platform", "protocol", "statistics"]);
    may_use("client", &["reading", "scheme", "protocol", "statistics"]);
}

#[test]
fn the_window_names_no_cryptography() {
    may_use("ui", &["client", "import", "jobs", "platform", "protocol", "reading", "session", "statistics", "vault"]);
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui");
    assert!(sources(&ui).iter().all(|file| !names(&code(file), "tfhe")));
}

#[test]
fn window_and_terminal_share_their_work_and_know_nothing_of_each_other() {
    may_use("platform", &[]);
    may_use("jobs", &["client", "platform", "protocol", "reading", "scheme", "server", "statistics", "vault"]);
    may_use(
        "session",
        &["client", "import", "jobs", "platform", "protocol", "reading", "scheme", "statistics", "vault"],
    );
    let all =
        ["client", "import", "jobs", "platform", "protocol", "reading", "scheme", "server", "statistics", "vault"];
    // The terminal opens the window, and hands it its server.
    may_use("cli", &[&all[..], &["ui"]].concat());
}

#[test]
fn the_rules_can_be_broken() {
    // The scan sees what it is meant to see: the client does name the scheme.
    assert!(named("client").iter().any(|(_, module)| module == "scheme"));
    assert!(named("server").iter().any(|(_, module)| module == "protocol"));
}
