//! JSON bodies, read field by field so that one answer names all that is wrong.

use super::Errors;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::str::FromStr;

/// An object of a body, and where it stands.
pub struct Object<'v> {
    map: &'v Map<String, Value>,
    at: String,
    errors: &'v RefCell<Errors>,
    read: RefCell<Vec<&'static str>>,
}

impl<'v> Object<'v> {
    /// The object that a value is; none, with the error noted, if it is something else.
    pub fn of(value: &'v Value, at: impl Into<String>, errors: &'v RefCell<Errors>) -> Option<Self> {
        let at = at.into();
        match value.as_object() {
            Some(map) => Some(Self { map, at, errors, read: RefCell::default() }),
            None => {
                errors.borrow_mut().push(at, "type", "is an object");
                None
            }
        }
    }

    /// JSON pointer to a member.
    pub fn pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }

    /// Notes a broken rule of a member.
    pub fn error(&self, name: &str, rule: &str, message: impl Into<String>) {
        self.errors.borrow_mut().push(self.pointer(name), rule, message);
    }

    /// A member; null is as good as absent.
    pub fn optional(&self, name: &'static str) -> Option<&'v Value> {
        self.read.borrow_mut().push(name);
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A member that can't be left out.
    pub fn required(&self, name: &'static str) -> Option<&'v Value> {
        let value = self.optional(name);
        if value.is_none() {
            self.error(name, "required", "is required");
        }
        value
    }

    /// Text that can't be left out.
    pub fn text(&self, name: &'static str) -> Option<&'v str> {
        self.as_text(name, self.required(name)?)
    }

    /// Text.
    pub fn optional_text(&self, name: &'static str) -> Option<&'v str> {
        self.as_text(name, self.optional(name)?)
    }

    fn as_text(&self, name: &str, value: &'v Value) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.error(name, "type", "is a string");
        }
        text
    }

    /// Text by its own reading.
    pub fn parsed<T: FromStr>(&self, name: &'static str, rule: &str, message: &str) -> Option<T> {
        self.parse(name, self.text(name)?, rule, message)
    }

    /// Likewise, where it may be absent.
    pub fn optional_parsed<T: FromStr>(&self, name: &'static str, rule: &str, message: &str) -> Option<T> {
        self.parse(name, self.optional_text(name)?, rule, message)
    }

    fn parse<T: FromStr>(&self, name: &str, text: &str, rule: &str, message: &str) -> Option<T> {
        let value = text.parse().ok();
        if value.is_none() {
            self.error(name, rule, message);
        }
        value
    }

    /// A whole number within bounds.
    pub fn optional_number(&self, name: &'static str, bounds: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let value = self.optional(name)?.as_u64().filter(|value| bounds.contains(value));
        if value.is_none() {
            self.error(name, "range", format!("is a whole number from {} to {}", bounds.start(), bounds.end()));
        }
        value
    }

    /// True or false.
    pub fn optional_flag(&self, name: &'static str) -> Option<bool> {
        let value = self.optional(name)?.as_bool();
        if value.is_none() {
            self.error(name, "type", "is true or false");
        }
        value
    }

    /// An object within.
    pub fn object(&self, name: &'static str) -> Option<Object<'v>> {
        Object::of(self.required(name)?, self.pointer(name), self.errors)
    }

    /// An object within that may be absent.
    pub fn optional_object(&self, name: &'static str) -> Option<Object<'v>> {
        Object::of(self.optional(name)?, self.pointer(name), self.errors)
    }

    /// The elements of an array, with their pointers.
    pub fn elements(&self, name: &'static str, value: &'v Value) -> Vec<(String, &'v Value)> {
        let Some(elements) = value.as_array() else {
            self.error(name, "type", "is an array");
            return Vec::new();
        };
        let at = self.pointer(name);
        elements.iter().enumerate().map(|(index, element)| (format!("{at}/{index}"), element)).collect()
    }

    /// An array of objects that can't be left out; what is no object is noted and left out.
    pub fn objects(&self, name: &'static str) -> Option<Vec<Object<'v>>> {
        let elements = self.elements(name, self.required(name)?);
        Some(elements.into_iter().filter_map(|(at, element)| Object::of(element, at, self.errors)).collect())
    }

    /// Names every member that nobody has read. Call it last.
    pub fn close(self) {
        let read = self.read.into_inner();
        for name in self.map.keys().filter(|name| !read.contains(&name.as_str())) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let pointer = format!("{}/{}", self.at, shown.replace('~', "~0").replace('/', "~1"));
            self.errors.borrow_mut().push(pointer, "unknown", format!("is not known; there are: {}", read.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_reading_names_everything_that_is_wrong() {
        let body = json!({"name": 7, "who": [{"age": "x"}, 3], "more": true, "a/b": 1});
        let errors = RefCell::new(Errors::default());
        let root = Object::of(&body, "", &errors).unwrap();
        assert_eq!(root.text("name"), None);
        assert_eq!(root.text("absent"), None);
        for object in root.objects("who").unwrap() {
            object.optional_number("age", 0..=9);
            object.close();
        }
        root.close();
        let found: Vec<_> = errors.borrow().list().iter().map(|e| format!("{} {}", e.field, e.rule)).collect();
        let expected =
            ["/name type", "/absent required", "/who/1 type", "/who/0/age range", "/a~1b unknown", "/more unknown"];
        assert_eq!(found, expected);
    }
}
