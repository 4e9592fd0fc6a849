//! The tree that is written.

/// An element to write. Names are written as they are, with their prefix; declare namespaces by
/// `.attr("xmlns:air", "…")` on the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Node(Node),
    Text(String),
}

impl Node {
    /// An empty element.
    pub fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), content: Vec::new() }
    }

    /// Adds an attribute.
    pub fn attr(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Adds an attribute if there is a value.
    pub fn attr_some(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Adds text.
    pub fn text(mut self, text: impl ToString) -> Self {
        self.content.push(Content::Text(text.to_string()));
        self
    }

    /// Adds a child.
    pub fn child(mut self, child: Node) -> Self {
        self.content.push(Content::Node(child));
        self
    }

    /// Adds a child if there is one.
    pub fn child_some(self, child: Option<Node>) -> Self {
        self.children(child)
    }

    /// Adds children.
    pub fn children(mut self, children: impl IntoIterator<Item = Node>) -> Self {
        self.content.extend(children.into_iter().map(Content::Node));
        self
    }

    /// Adds `<name>text</name>`.
    pub fn leaf(self, name: &'static str, text: impl ToString) -> Self {
        self.child(Node::new(name).text(text))
    }

    /// Adds `<name>text</name>` if there is a text.
    pub fn leaf_some(self, name: &'static str, text: Option<impl ToString>) -> Self {
        match text {
            Some(text) => self.leaf(name, text),
            None => self,
        }
    }

    /// The element as text, without a declaration.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(1024);
        self.write(&mut out);
        out
    }

    /// The element as a document: `<?xml version="1.0" encoding="UTF-8"?>` and it.
    pub fn document(&self) -> String {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", self.render())
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if self.content.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for content in &self.content {
            match content {
                Content::Node(node) => node.write(out),
                Content::Text(text) => escape(text, out),
            }
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }
}

/// Escapes for text and attributes alike; what XML 1.0 has no character for is left out.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Node;

    #[test]
    fn nothing_put_in_breaks_out() {
        let written = Node::new("a").attr("x", "\"/><b y=\"").text("</a><!--\u{1}").render();
        assert_eq!(written, "<a x=\"&quot;/&gt;&lt;b y=&quot;\">&lt;/a&gt;&lt;!--</a>");
    }

    #[test]
    fn what_there_is_none_of_is_left_out() {
        let node = Node::new("a").attr_some("x", None::<&str>).leaf_some("b", None::<&str>).child_some(None);
        assert_eq!(node.render(), "<a/>");
    }
}
