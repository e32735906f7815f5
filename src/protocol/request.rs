//! The requests that a client may send to a server.

use super::hello::PROTOCOL;
use super::sheet::SheetView;
use crate::fields::{Fields, Malformed};
use crate::scheme::Column;

/// The number of a sheet, local to one server or one bundle.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct SheetId(pub u32);

/// The number of a sum request, chosen by the client.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct RequestId(pub u32);

/// `count` sheets from `first` on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SheetRange {
    /// The first sheet.
    pub first: SheetId,
    /// How many sheets, at least one.
    pub count: u32,
}

impl SheetRange {
    const BYTES: usize = 8;

    fn read(fields: &mut Fields) -> Result<Self, Malformed> {
        let range = Self { first: SheetId(fields.u32()?), count: fields.u32()? };
        // A range has a sheet, and never runs past the last number that a sheet can have.
        if range.count == 0 || range.end() > 1 << 32 { Err(Malformed) } else { Ok(range) }
    }

    /// The ids in the range.
    pub fn ids(self) -> impl Iterator<Item = SheetId> {
        (u64::from(self.first.0)..self.end()).map(|id| SheetId(id as u32))
    }

    /// One past the last id.
    pub fn end(self) -> u64 {
        u64::from(self.first.0) + u64::from(self.count)
    }

    /// The ranges that cover `ids`, which must ascend.
    pub fn cover(ids: impl IntoIterator<Item = SheetId>) -> Vec<Self> {
        let mut ranges: Vec<Self> = Vec::new();
        for id in ids {
            match ranges.last_mut() {
                Some(last) if last.end() == u64::from(id.0) => last.count += 1,
                _ => ranges.push(Self { first: id, count: 1 }),
            }
        }
        ranges
    }
}

/// One sum that is asked for: over one column of the sheets in some ranges.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SumQuestion {
    /// The column to add up.
    pub column: Column,
    /// The sheets; each named once, in ascending order.
    pub ranges: Vec<SheetRange>,
}

/// Many sums, asked for at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SumRequest {
    /// The number under which the answers come back.
    pub id: RequestId,
    /// The sums; an answer names its place in this list.
    pub sums: Vec<SumQuestion>,
}

/// A frame from the client to the server.
pub enum Request<'a> {
    /// Keep these columns of a sheet. A column that is there already is refused.
    Put(SheetId, SheetView<'a>),
    /// Forget this sheet.
    Drop(SheetId),
    /// Add up.
    Sum(SumRequest),
    /// Stop working on a sum request.
    Cancel(RequestId),
    /// Say who you are and what you hold; the number is the version of the protocol that the client speaks.
    Hello(u32),
    /// List what you hold, from this sheet on.
    List(SheetId),
    /// Forget every sheet.
    Forget,
}

pub(super) const PUT: u8 = 1;
pub(super) const DROP: u8 = 2;
pub(super) const SUM: u8 = 3;
pub(super) const CANCEL: u8 = 4;
pub(super) const HELLO: u8 = 5;
pub(super) const LIST: u8 = 6;
pub(super) const FORGET: u8 = 7;

impl<'a> Request<'a> {
    /// Bytes of a put frame before the sheet itself.
    pub const PUT_HEADER_BYTES: usize = 5;

    /// Parses a frame.
    pub fn parse(frame: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(frame);
        let kind = fields.u8()?;
        if kind == FORGET {
            return fields.end().map(|()| Self::Forget);
        }
        let id = fields.u32()?;
        match kind {
            PUT => Ok(Self::Put(SheetId(id), SheetView::parse(fields.rest())?)),
            DROP => fields.end().map(|()| Self::Drop(SheetId(id))),
            SUM => {
                let sums = (0..fields.count(5)?)
                    .map(|_| {
                        let column = Column::from_u8(fields.u8()?).ok_or(Malformed)?;
                        let ranges = (0..fields.count(SheetRange::BYTES)?)
                            .map(|_| SheetRange::read(&mut fields))
                            .collect::<Result<_, _>>()?;
                        Ok(SumQuestion { column, ranges })
                    })
                    .collect::<Result<_, _>>()?;
                fields.end()?;
                Ok(Self::Sum(SumRequest { id: RequestId(id), sums }))
            }
            CANCEL => fields.end().map(|()| Self::Cancel(RequestId(id))),
            HELLO => fields.end().map(|()| Self::Hello(id)),
            LIST => fields.end().map(|()| Self::List(SheetId(id))),
            _ => Err(Malformed),
        }
    }

    /// A put frame up to where the sheet's own bytes begin.
    pub fn put(id: SheetId) -> Vec<u8> {
        [&[PUT][..], &id.0.to_le_bytes()].concat()
    }

    /// A hello frame, in the version of the protocol that this program speaks.
    pub fn hello() -> Vec<u8> {
        [&[HELLO][..], &PROTOCOL.to_le_bytes()].concat()
    }

    /// A list frame.
    pub fn list(from: SheetId) -> Vec<u8> {
        [&[LIST][..], &from.0.to_le_bytes()].concat()
    }

    /// A frame that lets the server forget every sheet.
    pub fn forget() -> Vec<u8> {
        vec![FORGET]
    }

    /// A drop frame.
    pub fn drop_sheet(id: SheetId) -> Vec<u8> {
        [&[DROP][..], &id.0.to_le_bytes()].concat()
    }

    /// A cancel frame.
    pub fn cancel(id: RequestId) -> Vec<u8> {
        [&[CANCEL][..], &id.0.to_le_bytes()].concat()
    }
}

impl SumRequest {
    /// The frame of this request.
    pub fn to_frame(&self) -> Vec<u8> {
        let mut frame = vec![SUM];
        frame.extend_from_slice(&self.id.0.to_le_bytes());
        frame.extend_from_slice(&(self.sums.len() as u32).to_le_bytes());
        for sum in &self.sums {
            frame.push(sum.column.number());
            frame.extend_from_slice(&(sum.ranges.len() as u32).to_le_bytes());
            for range in &sum.ranges {
                frame.extend_from_slice(&range.first.0.to_le_bytes());
                frame.extend_from_slice(&range.count.to_le_bytes());
            }
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SumRequest {
        let range = |first, count| SheetRange { first: SheetId(first), count };
        SumRequest {
            id: RequestId(7),
            sums: vec![
                SumQuestion { column: Column::RATE, ranges: vec![range(0, 3), range(9, 1)] },
                SumQuestion { column: Column::hour(7).unwrap(), ranges: vec![range(u32::MAX, 1)] },
            ],
        }
    }

    #[test]
    fn a_sum_request_survives_its_frame() {
        let frame = request().to_frame();
        let Ok(Request::Sum(back)) = Request::parse(&frame) else { panic!("not a sum request") };
        assert_eq!(back, request());
    }

    #[test]
    fn every_truncation_and_every_trailing_byte_is_malformed() {
        let frame = request().to_frame();
        for len in 0..frame.len() {
            assert!(Request::parse(&frame[..len]).is_err(), "cut to {len} bytes");
        }
        assert!(Request::parse(&[&frame[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_count_that_cannot_fit_is_refused_before_anything_is_allocated() {
        for at in [5, 10] {
            for count in [1 << 16, 1 << 31, u32::MAX] {
                let mut frame = request().to_frame();
                frame[at..at + 4].copy_from_slice(&count.to_le_bytes());
                assert!(Request::parse(&frame).is_err(), "{count} at {at}");
            }
        }
    }

    #[test]
    fn a_range_of_no_sheets_is_malformed() {
        let of = |count| {
            let ranges = vec![SheetRange { first: SheetId(0), count }];
            SumRequest { id: RequestId(0), sums: vec![SumQuestion { column: Column::RATE, ranges }] }.to_frame()
        };
        assert!(Request::parse(&of(1)).is_ok());
        assert!(Request::parse(&of(0)).is_err());
        crate::protocol::explain(&of(0));
    }

    #[test]
    fn ranges_cover_ascending_ids() {
        let ids = [1, 2, 3, 5, 8, 9, u32::MAX].map(SheetId);
        let ranges = SheetRange::cover(ids);
        assert_eq!(ranges.len(), 4);
        assert_eq!(ranges.into_iter().flat_map(SheetRange::ids).collect::<Vec<_>>(), ids);
    }
}
