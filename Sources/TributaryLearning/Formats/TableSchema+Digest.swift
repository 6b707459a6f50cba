import Crypto

extension TableSchema {
    /// Eight hexadecimal digits that stand for what the features and labels mean: the columns' names in their order, what
    /// each becomes, its categories, and the classes.
    var digest: String {
        var hash = SHA256()
        // Each part with its length, so that no two lists run together to the same bytes.
        let add = { (text: String) in hash.update(data: Array("\(text.utf8.count):\(text)".utf8)) }
        for (column, kind) in features {
            add(columnNames[column])
            switch kind {
            case .number: add("number")
            case .oneHot(let values):
                add("one of \(values.count)")
                values.forEach(add)
            }
        }
        add(columnNames[label])
        if case .classes(let names, _) = target { names.forEach(add) }
        return String(hash.finalize().hexadecimal.prefix(8))
    }
}
