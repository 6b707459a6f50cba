import Foundation
import Testing
import TributaryCore

@Suite struct UpdateEncodingTests {
    @Test(arguments: [
        "f32", "f16", "bf16", "klevel:2", "klevel:256:rotated", "klevel:16:rotated:bucket=64", "qsgd:2",
        "qsgd:8:elias:bucket=65536", "topk:0.05", "topk:1.0:f16", "randk:0.001:contractive:bf16", "drive",
        "drive:contractive", "eden:4:bucket=1024", "eden:1:contractive",
    ])
    func namesComeBackAsTheyWere(name: String) throws {
        let encoding = try UpdateEncoding(name)
        #expect(encoding.description == name)
        let json = try JSONEncoder().encode([encoding])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(name)\"]")
        #expect(try JSONDecoder().decode([UpdateEncoding].self, from: json) == [encoding])
    }

    @Test(arguments: [
        ("klevel:16:bucket=4096", "klevel:16"), ("klevel:16:bucket=64:rotated", "klevel:16:rotated:bucket=64"),
        ("qsgd:4:bucket=512", "qsgd:4"), ("topk:1", "topk:1.0"), ("topk:0.05:f32", "topk:0.05"),
        ("randk:0.5:f16:contractive", "randk:0.5:contractive:f16"),
    ])
    func whatIsUsualIsLeftOut(name: String, short: String) throws {
        #expect(try UpdateEncoding(name).description == short)
        #expect(try UpdateEncoding(name) == UpdateEncoding(short))
    }

    @Test(arguments: [
        ("", "encodings are"), ("topq:0.1", "topk"), ("F32", "f32"), ("klevel", "lacks its levels"),
        ("klevel:1", "2 to 256"), ("klevel:257", "2 to 256"), ("klevel:16:rotate", "rotate"), ("qsgd:1", "2 to 8"),
        ("qsgd:4:", "no use for ''"), ("qsgd:4:bucket=100", "power of two"), ("qsgd:4:bucket=32", "64"),
        ("eden:5", "1 to 4"), ("topk:0", "share"), ("topk:1.5", "share"), ("topk:nan", "share"), ("topk:-1", "share"),
        ("randk:0.1:f64", "f64"), ("f16:2", "no use"), ("drive:2", "no use"), ("drive:bucket=131072", "65536"),
        ("topk:0.1:f16:bf16", "bf16"),
    ])
    func whatNamesNoEncodingSaysWhy(name: String, hint: String) {
        let error = #expect(throws: UpdateEncoding.TextError.self) { try UpdateEncoding(name) }
        #expect(error?.description.contains("'\(name)'") == true)
        #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func theRegistryNamesWhatItReads() throws {
        #expect(Set(EncodingFamily.all.map(\.name)).count == EncodingFamily.all.count)
        for family in EncodingFamily.all {
            #expect(family.form.hasPrefix(family.name) && !family.summary.isEmpty && !family.examples.isEmpty)
            for example in family.examples {
                #expect(example.description.hasPrefix(family.name))
                #expect(try UpdateEncoding(example.description) == example)
            }
        }
    }

    @Test func biasIsWhatTheTheorySays() throws {
        func bias(_ name: String) throws -> UpdateEncoding.Bias { try UpdateEncoding(name).bias }
        #expect(try bias("f32") == .exact && bias("bf16") == .rounded)
        #expect(try bias("klevel:4:rotated") == .unbiased && bias("qsgd:3:elias") == .unbiased)
        #expect(try bias("randk:0.1") == .unbiased && bias("randk:0.1:contractive") == .biased)
        #expect(try bias("topk:0.1") == .biased && bias("topk:1") == .exact && bias("topk:1:f16") == .rounded)
        #expect(try bias("drive") == .nearlyUnbiased && bias("eden:2:contractive") == .biased)
        #expect(UpdateEncoding(.float16) == (try UpdateEncoding("f16")) && UpdateEncoding(.bfloat16).plain == .bfloat16)
    }

    @Test func aShareIsTheNearestWholeNumberAndOneAtLeast() {
        #expect(UpdateEncoding.entryCount(0.01, of: 199_210) == 1_992)
        #expect(UpdateEncoding.entryCount(0.29, of: 100) == 29)
        #expect(UpdateEncoding.entryCount(1e-9, of: 5) == 1)
        #expect(UpdateEncoding.entryCount(1, of: 5) == 5)
        #expect(UpdateEncoding.entryCount(0.5, of: 0) == 0)
    }
}
