/// Text by client as windows of 80 characters and the character after each, as in LEAF (Caldas et al. 2018).
enum TextSet {
    /// The number of characters a window shows.
    static let window = 80

    /// The plays by role: roles with more than two lines, the first 80 % of each role's windows to train.
    static func loadShakespeare(_ files: [VerifiedFile]) throws(DatasetError) -> Dataset {
        let lines = try files[0].decoded { (bytes, path) throws(DatasetError) in try TextLines(bytes, source: path) }
        let roles = lines.clients.filter { role in
            role.texts.reduce(0) { count, text in
                count + text.split(separator: "\n").count
            } > 2
        }
        return try WindowBuilder(roles, heldOutFraction: 0.2, source: files[0].path).dataset(name: "shakespeare")
    }

    /// A user's JSON lines of text.
    static func load(_ request: DatasetRequest) throws(DatasetError) -> Dataset {
        try request.files.check(set: "text")
        guard request.files.test.isEmpty else {
            throw .badRequest("the data set text holds out a part of every client's text; it takes no test file")
        }
        var bytes: [UInt8] = []
        let sources = request.files.train.map(request.path(of:))
        for source in sources {
            bytes += try FileContent.read(path: source)
            bytes.append(0x0a)
        }
        let source = sources.joined(separator: "+")
        return try WindowBuilder(
            TextLines(bytes, source: source).clients, heldOutFraction: request.files.heldOutFraction, source: source
        ).dataset(name: "text")
    }
}
