//! How a client and a server that keeps sheets begin: who is there, and whether it holds what it held.

use super::request::SheetId;
use crate::fields::{Fields, Malformed};
use crate::scheme::{Column, MaskSeed, ParameterSet};

/// The version of what passes between client and server.
pub const PROTOCOL: u32 = 1;

/// Names one store of sheets, at random; another store, or the same one begun anew, has another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StoreId(pub [u8; 16]);

/// Tells a sheet's columns and seeds from any others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SheetDigest(pub [u8; 32]);

impl SheetDigest {
    /// The digest of a sheet with these columns, which must ascend, and the seeds of their masks.
    pub fn of(parameters: ParameterSet, columns: impl IntoIterator<Item = (Column, MaskSeed)>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[parameters as u8]);
        for (column, seed) in columns {
            hasher.update(&[column.number()]).update(&seed.0);
        }
        Self(hasher.finalize().into())
    }
}

/// Tells the sheets that a store holds from any others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StoreDigest(pub [u8; 32]);

impl StoreDigest {
    /// The digest of these sheets, which must ascend.
    pub fn of(sheets: impl IntoIterator<Item = (SheetId, SheetDigest)>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for (SheetId(id), SheetDigest(digest)) in sheets {
            hasher.update(&id.to_le_bytes()).update(&digest);
        }
        Self(hasher.finalize().into())
    }
}

/// The version of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version(pub [u16; 3]);

impl Version {
    /// This program's.
    pub fn own() -> Self {
        let mut parts = env!("CARGO_PKG_VERSION").split('.').map(|part| part.parse().unwrap_or(0));
        Self([(); 3].map(|()| parts.next().unwrap_or(0)))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// How much of the file system a process is shut out of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Files {
    /// It may open whatever its user may.
    #[default]
    Open,
    /// The system enforces a part of what was asked of it.
    Partly,
    /// It can open no file at all, and has only what it had opened before.
    Closed,
}

/// What holds a server back, by its own words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sandbox {
    /// It can gain no privileges by starting other programs.
    pub no_new_privileges: bool,
    /// Other processes of the same user cannot look into it.
    pub not_dumpable: bool,
    /// The files that it can open.
    pub files: Files,
}

impl Sandbox {
    fn to_u8(self) -> u8 {
        u8::from(self.no_new_privileges) | u8::from(self.not_dumpable) << 1 | (self.files as u8) << 2
    }

    fn from_u8(bits: u8) -> Option<Self> {
        let files = [Files::Open, Files::Partly, Files::Closed].into_iter().nth(usize::from(bits >> 2))?;
        Some(Self { no_new_privileges: bits & 1 == 1, not_dumpable: bits & 2 == 2, files })
    }

    /// What holds, in words.
    pub fn words(self) -> String {
        let files = match self.files {
            Files::Open => None,
            Files::Partly => Some("most files closed to it (Landlock, in part)"),
            Files::Closed => Some("all files closed to it (Landlock)"),
        };
        let parts = [
            files,
            self.no_new_privileges.then_some("no new privileges"),
            self.not_dumpable.then_some("its memory closed to other programs"),
        ];
        let held: Vec<&str> = parts.into_iter().flatten().collect();
        if held.is_empty() { "none".into() } else { held.join(", ") }
    }
}

/// A server's answer to a client's hello.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Greeting {
    /// The version of the protocol that it speaks.
    pub protocol: u32,
    /// The version of its program.
    pub version: Version,
    /// Its store.
    pub store: StoreId,
    /// Whether the store outlives the connection.
    pub kept: bool,
    /// What holds it back.
    pub sandbox: Sandbox,
    /// How many sheets it holds.
    pub sheets: u32,
    /// Bytes of these.
    pub bytes: u64,
    /// Which sheets these are.
    pub digest: StoreDigest,
}

impl Greeting {
    /// Bytes of a greeting's fields.
    pub(super) const BYTES: usize = 4 + 6 + 16 + 1 + 1 + 4 + 8 + 32;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.protocol.to_le_bytes());
        out.extend(self.version.0.iter().flat_map(|part| part.to_le_bytes()));
        out.extend_from_slice(&self.store.0);
        out.extend([u8::from(self.kept), self.sandbox.to_u8()]);
        out.extend_from_slice(&self.sheets.to_le_bytes());
        out.extend_from_slice(&self.bytes.to_le_bytes());
        out.extend_from_slice(&self.digest.0);
    }

    pub(super) fn read(fields: &mut Fields) -> Result<Self, Malformed> {
        Ok(Self {
            protocol: fields.u32()?,
            version: Version([fields.u16()?, fields.u16()?, fields.u16()?]),
            store: StoreId(fields.array()?),
            kept: match fields.u8()? {
                0 => false,
                1 => true,
                _ => return Err(Malformed),
            },
            sandbox: Sandbox::from_u8(fields.u8()?).ok_or(Malformed)?,
            sheets: fields.u32()?,
            bytes: fields.u64()?,
            digest: StoreDigest(fields.array()?),
        })
    }
}

/// Sheets that a server names at most in one frame.
pub const SHEETS_A_PAGE: usize = 1_024;
/// Bytes of a sheet in a list.
pub(super) const LISTED_BYTES: usize = 4 + 32;

/// A part of the list of what a server holds: ascending, and the last part if it is not full.
pub type Page = Vec<(SheetId, SheetDigest)>;

pub(super) fn write_page(out: &mut Vec<u8>, page: &[(SheetId, SheetDigest)]) {
    out.extend_from_slice(&(page.len() as u32).to_le_bytes());
    for (SheetId(id), SheetDigest(digest)) in page {
        out.extend_from_slice(&id.to_le_bytes());
        out.extend_from_slice(digest);
    }
}

pub(super) fn read_page(fields: &mut Fields) -> Result<Page, Malformed> {
    let count = fields.count(LISTED_BYTES)?;
    let page: Page = (0..count)
        .map(|_| Ok((SheetId(fields.u32()?), SheetDigest(fields.array()?))))
        .collect::<Result<_, Malformed>>()?;
    let fits = count <= SHEETS_A_PAGE && page.is_sorted_by(|(a, _), (b, _)| a < b);
    if fits { Ok(page) } else { Err(Malformed) }
}
