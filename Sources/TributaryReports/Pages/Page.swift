/// An HTML page that needs nothing but itself: styles, script and figures are all inside.
struct Page {
    var title: String

    /// The page with the given content of its `<main>`.
    func html(_ body: (inout HTML) -> Void) -> String {
        var html = HTML()
        html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        html.raw(#"<meta name="viewport" content="width=device-width, initial-scale=1">"# + "\n")
        html.raw(#"<meta name="color-scheme" content="light dark">"# + "\n")
        // Says, and makes sure, that nothing is fetched.
        html.raw(
            #"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; "#
                + #"script-src 'unsafe-inline'">"# + "\n")
        html.element("title", "", title)
        html.raw("\n<style>\n\(Self.style)</style>\n</head>\n<body>\n")
        html.element("main", body: body)
        html.raw("<script>\n\(Self.script)</script>\n</body>\n</html>\n")
        return html.content
    }

    /// A section with its heading.
    static func section(_ title: String, in html: inout HTML, classes: String = "", body: (inout HTML) -> Void) {
        html.element("section", classes.isEmpty ? "" : #"class="\#(classes)""#) { html in
            html.element("h2", "", title)
            body(&html)
        }
    }
}
