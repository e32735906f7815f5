//! JSON values whose shape is not certain.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// An object, or a text or number as text; of anything else, nothing.
#[derive(Default)]
pub(in crate::import) enum Loose<T> {
    Object(T),
    Plain(String),
    #[default]
    Nothing,
}

/// A text or a number, as text; nothing of anything else.
pub(in crate::import) type Scalar = Loose<IgnoredAny>;

impl<T> Loose<T> {
    /// The text or number.
    pub(in crate::import) fn plain(self) -> Option<String> {
        if let Self::Plain(text) = self { Some(text) } else { None }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData))
    }
}

const LONGEST_BYTES: usize = 256;

struct Any<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Any<T> {
    type Value = Loose<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Loose<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Loose::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose<T>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose<T>, E> {
        // A longer text is neither a time nor a number, and must not become one by being cut.
        let long = text.len() > LONGEST_BYTES;
        Ok(Loose::Plain(if long { "\u{fffd}".to_owned() } else { text.to_owned() }))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose<T>, E> {
        Ok(Loose::Plain(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose<T>, E> {
        Ok(Loose::Plain(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose<T>, E> {
        Ok(Number::from_f64(number).map_or(Loose::Nothing, |number| Loose::Plain(number.to_string())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Loose<T>, E> {
        Ok(Loose::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Loose<T>, E> {
        Ok(Loose::Nothing)
    }
}

/// Reads a field that counts as there even when it is null.
pub(in crate::import) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The elements of a list, one by one, until one is refused with a sentence.
pub(in crate::import) struct Each<'a, T>(pub(in crate::import) &'a mut dyn FnMut(T) -> Result<(), &'static str>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Each<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Each<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            (self.0)(element).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}
