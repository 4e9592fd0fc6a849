//! Texts of a document: places in it where it says them in so many bytes, own ones where it says them otherwise.

use std::borrow::Cow;

/// A place in a document, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The place of a part that was borrowed from a document; none if it was not.
    pub fn within(document: &str, part: &str) -> Option<Self> {
        if part.is_empty() {
            return Some(Self::default());
        }
        let start = part.as_ptr().addr().checked_sub(document.as_ptr().addr())?;
        let end = start.checked_add(part.len()).filter(|end| *end <= document.len())?;
        Some(Self { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    /// Bytes that it takes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// What stands there.
    pub fn of(self, document: &str) -> &str {
        document.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Whether it stands there: most names differ in their length, or else at their end.
    #[inline]
    pub fn is(self, document: &str, text: &str) -> bool {
        let last = |text: &str| text.as_bytes().last().copied();
        self.len() == text.len() && {
            let own = self.of(document);
            last(own) == last(text) && own == text
        }
    }
}

/// A text.
#[derive(Debug, Clone)]
pub enum Text {
    /// As the document has it.
    Of(Span),
    /// Put together, or written with references.
    Own(String),
}

impl Default for Text {
    fn default() -> Self {
        Self::Of(Span::default())
    }
}

impl Text {
    /// A text that was borrowed from the document, or had to be changed.
    pub fn new(document: &str, text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Span::within(document, text).map_or_else(|| Self::Own(text.to_owned()), Self::Of),
            Cow::Owned(text) => Self::Own(text),
        }
    }

    /// The text.
    pub fn of<'a>(&'a self, document: &'a str) -> &'a str {
        match self {
            Self::Of(span) => span.of(document),
            Self::Own(text) => text,
        }
    }

    /// Adds a piece; white space that nothing stands before is none.
    pub fn push(&mut self, document: &str, piece: Cow<'_, str>) {
        match self {
            Self::Own(text) => text.push_str(&piece),
            Self::Of(span) if span.len() == 0 => {
                if !piece.trim_start().is_empty() {
                    *self = Self::new(document, piece);
                }
            }
            Self::Of(span) => *self = Self::Own([span.of(document), &piece].concat()),
        }
    }

    /// Without white space around it.
    pub fn trim(&mut self, document: &str) {
        let text = self.of(document);
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            *self = Self::new(document, Cow::Borrowed(trimmed));
        }
    }
}
